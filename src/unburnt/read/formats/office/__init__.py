"""Documents, sheets and slides of office programs, with what is embedded in them."""
