//! How many connections each client's network has open, so that no single one can take them all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::client_ip::network_of;

#[derive(Clone)]
pub(super) struct PeerPlaces {
    most: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place; given back when it is dropped.
pub(super) struct PeerPlace {
    of: PeerPlaces,
    network: IpAddr,
}

impl PeerPlaces {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// `None` when this peer has as many as it may have.
    pub fn take(&self, peer: IpAddr) -> Option<PeerPlace> {
        let network = network_of(peer);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(PeerPlace {
            of: self.clone(),
            network,
        })
    }
}

impl Drop for PeerPlace {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_has_its_own_places_and_gives_them_back() {
        let places = PeerPlaces::new(2);
        let take = |ip: &str| places.take(ip.parse().unwrap());
        let (first, second) = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(take("2001:db8::3").is_none(), "one network, one count");
        assert!(take("192.0.2.1").is_some());
        drop(first);
        assert!(take("2001:db8::3").is_some());
        drop(second);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
