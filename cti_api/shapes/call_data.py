"""What can be noted with a call, as it is asked for; means nothing to us."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field, JsonValue, StringConstraints

from acd.core.call_data import MOST
from cti_api.shapes.forms import WORD, like

Key: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=WORD)]
Note: TypeAlias = Annotated[str, StringConstraints(max_length=200, pattern=WORD)]

# What pydantic refuses, and leaves out of the schema.
NO_OTHERS: dict[str, JsonValue] = {"additionalProperties": False}


class DataWanted(BaseModel):
    """What to note with a call, beside what is noted already; null takes a note away."""

    model_config = like({"data": {"order": "A-4711", "list": None}})

    data: Annotated[
        dict[Key, Note | None],
        Field(min_length=1, max_length=MOST, json_schema_extra=NO_OTHERS),
    ]
