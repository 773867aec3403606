"""
The look: base pages, components, the stylesheet, icons, scripts, error pages.

pages errors   answering around a form, and when something went wrong
brand          the operator's accent
language       the language a browser asked for
spreadsheets   lists as files
formats        how moments are written, for each language
"""
