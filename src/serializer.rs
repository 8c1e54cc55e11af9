//! The JSON text that Rails writes and reads.
