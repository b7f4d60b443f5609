"""Ways in and out: web pages, programs, the command line. They translate, call one function, and render."""
