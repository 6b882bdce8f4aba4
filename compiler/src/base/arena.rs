//! Typed arenas: values are named by an `Id<T>` and live in an `Arena<T>`; side tables are `IdMap<T, V>`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The name of a `T` in its arena.
pub struct Id<T> {
    index: u32,
    marker: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    pub const fn new(index: u32) -> Self {
        Id { index, marker: PhantomData }
    }

    pub const fn index(self) -> usize {
        self.index as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// An append-only store of `T`.
#[derive(Clone, PartialEq, Debug)]
pub struct Arena<T> {
    items: Vec<T>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena { items: Vec::new() }
    }
}

impl<T> Arena<T> {
    pub fn push(&mut self, item: T) -> Id<T> {
        let id = Id::new(self.items.len() as u32);
        self.items.push(item);
        id
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.items.get(id.index())
    }

    /// The id of the item at `index`, if there is one: the checked door for ids that come from outside.
    pub fn id(&self, index: usize) -> Option<Id<T>> {
        (index < self.items.len()).then(|| Id::new(index as u32))
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> {
        self.items.iter().enumerate().map(|(i, t)| (Id::new(i as u32), t))
    }

    /// The items in order, without their ids.
    pub fn into_items(self) -> impl Iterator<Item = T> {
        self.items.into_iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Id<T>, &mut T)> {
        self.items.iter_mut().enumerate().map(|(i, t)| (Id::new(i as u32), t))
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<T>> + use<T> {
        (0..self.items.len() as u32).map(Id::new)
    }
}

impl<T> Index<Id<T>> for Arena<T> {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &self.items[id.index()]
    }
}

impl<T> IndexMut<Id<T>> for Arena<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.items[id.index()]
    }
}

/// A table beside an arena: one `V` per `T`, `V::default()` where nothing was set.
#[derive(Clone, Debug)]
pub struct IdMap<T, V> {
    items: Vec<V>,
    default: V,
    marker: PhantomData<fn() -> T>,
}

impl<T, V: Clone + Default> Default for IdMap<T, V> {
    fn default() -> Self {
        IdMap { items: Vec::new(), default: V::default(), marker: PhantomData }
    }
}

/// Equal if every entry is, unset ones counting as the default.
impl<T, V: PartialEq> PartialEq for IdMap<T, V> {
    fn eq(&self, other: &Self) -> bool {
        let len = self.items.len().max(other.items.len()) as u32;
        (0..len).all(|i| self[Id::new(i)] == other[Id::new(i)])
    }
}

impl<T, V: Clone + Default> IdMap<T, V> {
    pub fn set(&mut self, id: Id<T>, value: V) {
        *self.entry(id) = value;
    }

    pub fn entry(&mut self, id: Id<T>) -> &mut V {
        if id.index() >= self.items.len() {
            self.items.resize(id.index() + 1, self.default.clone());
        }
        &mut self.items[id.index()]
    }
}

impl<T, V> Index<Id<T>> for IdMap<T, V> {
    type Output = V;
    fn index(&self, id: Id<T>) -> &V {
        self.items.get(id.index()).unwrap_or(&self.default)
    }
}
