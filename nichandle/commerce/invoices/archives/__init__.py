"""Documents of a year as ZIP files: asked for on a page, made by the worker."""
