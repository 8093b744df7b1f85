//! Reads certificates in child processes that may be killed
