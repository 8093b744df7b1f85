//! The tests of the certificate reader, against standards, corpora and certificates of others.

mod conformance;
mod minted;
