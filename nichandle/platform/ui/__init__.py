"""The look: base pages, components, the stylesheet, icons, scripts, error pages."""
