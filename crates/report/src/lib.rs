//! One run, many wordings
