//! Target lines to targets
