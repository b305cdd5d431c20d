//! Reads one document in a sandboxed child: the protocol, the limits and the parent's side.
