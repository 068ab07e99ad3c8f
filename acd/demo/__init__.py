"""A call centre's busy quarter of an hour in one minute, on a terminal; real calls, and no part of the product.

* `script`   who calls when, who answers how, who the customers are
* `stage`    what is seen: folded from the events of the API, drawn for the terminal
* `run`      sets everything up, lets it happen, takes everything down
"""

from acd.demo.run import run

__all__ = ["run"]
