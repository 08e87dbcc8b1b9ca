"""The host side of Tine: what the ./tine command is made of."""
