//! What inference knows of the local variables at one place of a function, and how two paths join.

use crate::diag::Span;
use crate::front::scope::{Flow, VarSet};
use crate::front::tast::{Literal, Merge, Ty, VarId};

/// A variable at one place.
#[derive(Clone, PartialEq, Debug)]
pub enum Slot {
    Unset,
    Set(Def),
    /// Set on one of the paths that lead here, by the definition at this place.
    Maybe(Span),
    /// Of types that have no common one, by the path taken.
    Conflict(Box<(Def, Def)>),
}

/// A definition that reaches a place.
#[derive(Clone, PartialEq, Debug)]
pub struct Def {
    pub ty: Ty,
    pub span: Span,
    /// The constant that it is.
    pub literal: Option<Literal>,
}

/// The variables of a function, by their ids.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    pub slots: Vec<Slot>,
}

impl Slot {
    pub fn ty(&self) -> Option<&Ty> {
        match self {
            Slot::Set(def) => Some(&def.ty),
            Slot::Unset | Slot::Maybe(_) | Slot::Conflict(_) => None,
        }
    }

    fn join(&self, other: &Slot) -> Slot {
        match (self, other) {
            (Slot::Unset, Slot::Unset) => Slot::Unset,
            (Slot::Conflict(_), _) => self.clone(),
            (_, Slot::Conflict(_)) => other.clone(),
            (Slot::Maybe(_), _) => self.clone(),
            (_, Slot::Maybe(_)) => other.clone(),
            (Slot::Unset, Slot::Set(def)) | (Slot::Set(def), Slot::Unset) => Slot::Maybe(def.span),
            (Slot::Set(a), Slot::Set(b)) => match a.ty.join(&b.ty) {
                Some(ty) => {
                    let literal = a.literal.clone().filter(|l| b.literal.as_ref() == Some(l) && ty == a.ty);
                    Slot::Set(Def { ty, span: a.span, literal })
                }
                None => Slot::Conflict(Box::new((a.clone(), b.clone()))),
            },
        }
    }

    /// The same but for the constant and the place.
    fn same_type(&self, other: &Slot) -> bool {
        match (self, other) {
            (Slot::Set(a), Slot::Set(b)) => a.ty == b.ty,
            (Slot::Maybe(_), Slot::Maybe(_)) | (Slot::Conflict(_), Slot::Conflict(_)) => true,
            _ => self == other,
        }
    }
}

impl State {
    pub fn new(variables: usize) -> State {
        State { slots: vec![Slot::Unset; variables] }
    }

    pub fn slot(&self, v: VarId) -> &Slot {
        &self.slots[v.index()]
    }

    pub fn set(&mut self, v: VarId, def: Def) {
        self.slots[v.index()] = Slot::Set(def);
    }

    /// What these variables are at present.
    pub fn save(&self, variables: &[VarId]) -> Partial {
        Partial { slots: variables.iter().map(|v| self.slots[v.index()].clone()).collect() }
    }

    /// Makes the variables what they were when they were saved.
    pub fn restore(&mut self, variables: &[VarId], saved: Partial) {
        for (v, slot) in variables.iter().zip(saved.slots) {
            self.slots[v.index()] = slot;
        }
    }
}

/// Some variables at a place: those that the statement in question assigns ([`Flow::assigned`]), in that order. All
/// others are the same on every path through it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Partial {
    pub slots: Vec<Slot>,
}

impl Partial {
    /// Joins what comes by another path.
    pub fn join(&mut self, other: &Partial) {
        for (a, b) in self.slots.iter_mut().zip(&other.slots) {
            *a = a.join(b);
        }
    }

    /// Forgets variables that nothing reads from here on.
    pub fn keep(&mut self, flow: &Flow, live: &VarSet) {
        for (v, slot) in flow.assigned.iter().zip(&mut self.slots) {
            if !live.contains(*v) {
                *slot = Slot::Unset;
            }
        }
    }

    /// Forgets which constants the variables are, as another round of a loop may have others.
    pub fn forget_constants(&mut self) {
        for slot in &mut self.slots {
            if let Slot::Set(def) = slot {
                def.literal = None;
            }
        }
    }

    pub fn same_types(&self, other: &Partial) -> bool {
        self.slots.iter().zip(&other.slots).all(|(a, b)| a.same_type(b))
    }

    /// The variables that are set, with their types.
    pub fn merges(&self, flow: &Flow) -> Vec<Merge> {
        let merge = |(&var, slot): (&VarId, &Slot)| Some(Merge { var, ty: slot.ty()?.clone() });
        flow.assigned.iter().zip(&self.slots).filter_map(merge).collect()
    }
}

/// Joins the state of one more path that leads to a place.
pub fn arrive(at: &mut Option<Partial>, state: &State, assigned: &[VarId]) {
    let new = state.save(assigned);
    match at {
        Some(joined) => joined.join(&new),
        None => *at = Some(new),
    }
}
