//! The only room that touches clock, environment, processes and files to write
