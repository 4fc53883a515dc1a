//! The layers that settings come from, read so that all that is wrong with them is told at once.

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;

/// One place that settings come from, read once.
pub(super) struct Layer {
    metadata: Metadata,
    data: figment::error::Result<Map<Profile, Dict>>,
}

impl Layer {
    pub(super) fn of(provider: &impl Provider) -> Self {
        Self {
            metadata: provider.metadata(),
            data: provider.data(),
        }
    }

    /// Takes a setting out, unless it is not there.
    fn take_out(&mut self, path: &[String]) -> bool {
        let Ok(profiles) = &mut self.data else {
            return false;
        };
        let taken = profiles.values_mut().map(|dict| take_out(dict, path));
        // Out of each, and not only out of the first that has it.
        taken.fold(false, |before, taken| before | taken)
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        self.data.clone()
    }
}

/// Reads what the layers say, later ones winning over the first, which holds the defaults. What is wrong is taken out, and
/// the rest read by the default of it, until nothing is wrong: what was read then, if that can be, and all that was.
pub(super) fn read<T: DeserializeOwned>(mut layers: Vec<Layer>) -> (Option<T>, Vec<Error>) {
    let mut found: Vec<Error> = Vec::new();
    loop {
        let empty = Figment::new();
        let figment = layers.iter().fold(empty, |below, layer| below.merge(layer));
        let error = match figment.extract() {
            Ok(read) => return (Some(read), found),
            Err(error) => error,
        };
        let path = error.path.clone();
        // What is missing because it was taken out has been told.
        let is_told = |told: &Error| !path.is_empty() && told.path.starts_with(&path);
        if !found.iter().any(is_told) {
            found.extend(error);
        }
        let taken = layers.iter_mut().skip(1).map(|layer| layer.take_out(&path));
        if !taken.fold(false, |before, taken| before | taken) {
            return (None, found);
        }
    }
}

/// Takes out a key; of a list the whole, because what stands behind it would get another place.
fn take_out(dict: &mut Dict, path: &[String]) -> bool {
    let Some((key, rest)) = path.split_first() else {
        return false;
    };
    let within = match (dict.get_mut(key), rest) {
        (None, _) => return false,
        (Some(Value::Dict(_, inner)), [_, ..]) => return take_out(inner, rest),
        (Some(Value::Array(_, items)), [at, rest @ ..]) => {
            let item = at.parse().ok().and_then(|at: usize| items.get_mut(at));
            match item {
                Some(Value::Dict(_, inner)) => take_out(inner, rest),
                _ => false,
            }
        }
        _ => false,
    };
    within || dict.remove(key).is_some()
}
