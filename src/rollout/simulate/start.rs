//! Who has which form of the cookie when a deploy begins: the form of whoever served when the cookie
//! was last written.

use alloc::vec::Vec;
use core::time::Duration;

use super::Fleet;
use super::chain::{Chain, Presence, StateId};
use crate::rollout::reach::Step;
use crate::rollout::world::FormId;
use crate::rollout::{Cookie, Writer};

/// How often somebody is so, of all that have a session: chances that add up to 1.
pub(super) type Start = Vec<(f64, Presence, StateId)>;

/// Before the deploy that ends the last of these stages.
pub(super) fn start(
    cookie: &Cookie,
    fleet: &Fleet,
    chain: &Chain<'_>,
    stages: &[Step],
    earlier: &[(FormId, Writer)],
) -> Start {
    let aged = aged(cookie, chain, stages, earlier);
    // Who is there has had his session written just now. Other cookies are not written by a page.
    let fresh = match cookie.jar().is_session() {
        true => aged.first().map_or_else(Vec::new, |(_, state)| [(1.0, *state)].into()),
        false => aged.clone(),
    };
    let of = |share: f64, presence, states: Vec<(f64, StateId)>| {
        states.into_iter().map(move |(chance, state)| (share * chance, presence, state))
    };
    let active = of(fleet.active, Presence::Active, fresh);
    active.chain(of(1.0 - fleet.active, Presence::Idle, aged)).collect()
}

/// Of cookies whose ages are spread evenly over the lifetime; the youngest first.
fn aged(
    cookie: &Cookie,
    chain: &Chain<'_>,
    stages: &[Step],
    earlier: &[(FormId, Writer)],
) -> Vec<(f64, StateId)> {
    let lifetime = cookie.lifetime();
    let mut states = Vec::new();
    let mut age = Duration::ZERO;
    for step in stages.iter().rev() {
        let until = age.saturating_add(step.serves).min(lifetime);
        let share = until.saturating_sub(age).as_secs_f64() / lifetime.as_secs_f64();
        if share > 0.0 {
            states.push((share, chain.written_by(step.app)));
        }
        age = until;
    }
    let rest = 1.0 - states.iter().map(|(share, _)| share).sum::<f64>();
    let first = stages.first().map(|step| chain.written_by(step.app));
    let before: Vec<_> = match earlier {
        [] => first.into_iter().collect(),
        forms => forms.iter().map(|(form, _)| StateId(form.0)).collect(),
    };
    if age < lifetime || states.is_empty() {
        let each = rest / before.len().max(1) as f64;
        states.extend(before.into_iter().map(|state| (each, state)));
    }
    states
}
