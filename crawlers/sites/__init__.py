"""One module for each platform: it plans requests and reads pages, and does no input or output."""
