"""What tests of several rooms share, as plugins of pytest; `conftest.py` names them."""
