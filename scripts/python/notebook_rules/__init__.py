"""The rules that every notebook of the lesson must keep, a file for each kind; check_notebooks.py applies them."""
