//! What inference knows of the local variables at one place of a function, and how two paths join.

use crate::diag::Span;
use crate::front::scope::Flow;
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

    /// Joins what comes from another path, in the variables that the paths assign.
    pub fn join(&mut self, other: &State, assigned: &[VarId]) {
        for &v in assigned {
            let joined = self.slots[v.index()].join(&other.slots[v.index()]);
            self.slots[v.index()] = joined;
        }
    }

    /// Forgets variables that nothing reads from here on.
    pub fn keep(&mut self, flow: &Flow, live: impl Fn(VarId) -> bool) {
        for &v in &flow.assigned {
            if !live(v) {
                self.slots[v.index()] = Slot::Unset;
            }
        }
    }

    /// Forgets which constants the variables are, as another round of a loop may have others.
    pub fn forget_constants(&mut self, assigned: &[VarId]) {
        for &v in assigned {
            if let Slot::Set(def) = &mut self.slots[v.index()] {
                def.literal = None;
            }
        }
    }

    pub fn same_types(&self, other: &State, assigned: &[VarId]) -> bool {
        assigned.iter().all(|v| self.slots[v.index()].same_type(&other.slots[v.index()]))
    }

    /// The variables among these that are set, with their types.
    pub fn merges(&self, assigned: &[VarId]) -> Vec<Merge> {
        let merge = |&var: &VarId| Some(Merge { var, ty: self.slot(var).ty()?.clone() });
        assigned.iter().filter_map(merge).collect()
    }
}

/// Joins the state of one more path that leads to a place.
pub fn arrive(at: &mut Option<State>, state: &State, assigned: &[VarId]) {
    match at {
        Some(joined) => joined.join(state, assigned),
        None => *at = Some(state.clone()),
    }
}
