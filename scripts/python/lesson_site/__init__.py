"""The lesson as a static site, for people who only read it."""
