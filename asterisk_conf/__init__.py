"""What Asterisk has to be told to work with Cordboard, as templates."""
