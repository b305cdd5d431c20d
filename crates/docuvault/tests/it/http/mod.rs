//! What every route shares: how requests are read, what every answer carries, paging, preconditions, repeats.

mod answers;
mod bodies;
mod flood_of_slow_clients;
mod idempotency;
mod origins;
mod overload;
mod paging;
mod panics;
mod preconditions;
mod proportions;
mod request_context;
mod routing;
mod slow_clients;
