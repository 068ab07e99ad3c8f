"""What the WebSocket sends, every frame once; `view` is the thing as it is after what has happened.

As shapes, frames say how things look, never who may see them; `stream` lists them all.
"""
