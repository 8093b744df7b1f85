//! A zoo of misbehaving endpoints on loopback, with what a good monitor says of each
