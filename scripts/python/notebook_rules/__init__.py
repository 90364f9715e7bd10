"""The rules that every notebook of the lesson keeps, a file for each kind; check_notebooks.py applies them."""
