//! Instants.
