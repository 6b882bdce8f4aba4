//! How single things are stored: numbers, texts, types, ops.

use std::collections::BTreeMap;

use super::{LoadError, Result};
use crate::abi::imports::Import;
use crate::abi::status::Exception;
use crate::base::arena::Id;
use crate::ir::module::Level;
use crate::ir::op::{
    Access, ArrayOp, AxisSpec, BinaryOp, BufferOp, CheckedOp, CompareOp, LaneReduce, Op, ReduceOp, UnaryOp, VectorOp,
};
use crate::ir::ty::{ArrayType, Layout, Type};
use crate::ir::verify::Limits;
use crate::types::Scalar;

/// Bytes that the texts of one module may take once they are spelled out: they are stored once, and may be long.
const MAX_TEXTS: usize = 64 << 20;

/// Something with a stored form.
pub trait Wire: Sized {
    fn put(&self, w: &mut Writer);
    fn get(r: &mut Reader<'_>) -> Result<Self>;
}

/// Collects bytes; texts go to a table of their own, each once.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
    texts: BTreeMap<String, usize>,
    order: Vec<String>,
}

impl Writer {
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Seven bits a byte, the lowest first.
    pub fn varint(&mut self, value: u64) {
        put_varint(&mut self.bytes, value);
    }

    pub fn count(&mut self, n: usize) {
        self.varint(n as u64);
    }

    pub fn text(&mut self, text: &str) {
        let next = self.order.len();
        let index = match self.texts.get(text) {
            Some(&index) => index,
            None => {
                self.texts.insert(text.into(), next);
                self.order.push(text.into());
                next
            }
        };
        self.count(index);
    }

    pub fn level(&mut self, level: Level) {
        level.put(self);
    }

    /// The bits of a scalar: floats in full, others as numbers.
    pub fn bits(&mut self, ty: Scalar, bits: u64) {
        match ty {
            Scalar::F64 => self.bytes.extend(bits.to_le_bytes()),
            Scalar::F32 => self.bytes.extend((bits as u32).to_le_bytes()),
            // Small negative numbers stay small.
            _ if ty.is_signed() => {
                let shift = 64 - ty.bits();
                self.varint(zigzag((bits << shift) as i64 >> shift));
            }
            _ => self.varint(bits),
        }
    }

    /// Magic, version, the table of texts, and what was written.
    pub fn finish(self, magic: [u8; 4], version: u16) -> Vec<u8> {
        let mut out = magic.to_vec();
        out.extend(version.to_le_bytes());
        put_varint(&mut out, self.order.len() as u64);
        for text in &self.order {
            put_varint(&mut out, text.len() as u64);
            out.extend(text.as_bytes());
        }
        out.extend(self.bytes);
        out
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(v: i64) -> u64 {
    (v << 1 ^ v >> 63) as u64
}

fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

/// Reads bytes that may be anything.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    texts: Vec<&'a str>,
    limits: Limits,
    insts: usize,
    text_bytes: usize,
}

impl<'a> Reader<'a> {
    /// A reader behind the header and the table of texts.
    pub fn new(bytes: &'a [u8], magic: [u8; 4], version: u16, limits: Limits) -> Result<Self> {
        let Some((head, rest)) = bytes.split_first_chunk::<4>() else { return Err(LoadError::NotIr) };
        let Some((own, _)) = rest.split_first_chunk::<2>().filter(|_| *head == magic) else {
            return Err(LoadError::NotIr);
        };
        if u16::from_le_bytes(*own) != version {
            return Err(LoadError::Version(u16::from_le_bytes(*own)));
        }
        let mut r = Reader { bytes, pos: 6, texts: Vec::new(), limits, insts: 0, text_bytes: 0 };
        for _ in 0..r.count()? {
            let len = r.count()?;
            let text = r.take(len)?;
            let text = std::str::from_utf8(text).map_err(|_| r.damaged("a text is not UTF-8"))?;
            r.texts.push(text);
        }
        Ok(r)
    }

    pub fn damaged(&self, message: &'static str) -> LoadError {
        LoadError::Damaged { offset: self.pos, message }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.pos..];
        let taken = rest.get(..n).ok_or_else(|| self.damaged("the bytes end here"))?;
        self.pos += n;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let taken = self.take(N)?;
        <[u8; N]>::try_from(taken).map_err(|_| self.damaged("the bytes end here"))
    }

    pub fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[b]| b)
    }

    pub fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged("a number is too long"))
    }

    pub fn u32(&mut self) -> Result<u32> {
        let value = self.varint()?;
        u32::try_from(value).map_err(|_| self.damaged("a number is too large"))
    }

    /// How many things follow. Each takes a byte at least, so there cannot be more than bytes are left.
    pub fn count(&mut self) -> Result<usize> {
        let n = self.varint()?;
        let left = self.bytes.len() - self.pos;
        usize::try_from(n).ok().filter(|&n| n <= left).ok_or_else(|| self.damaged("more is announced than follows"))
    }

    pub fn text(&mut self) -> Result<String> {
        let index = self.varint()?;
        let text = usize::try_from(index).ok().and_then(|i| self.texts.get(i).copied());
        let text = text.ok_or_else(|| self.damaged("no such text"))?;
        self.text_bytes += text.len();
        if self.text_bytes > MAX_TEXTS || text.len() > self.limits.text {
            return Err(self.damaged("the texts are too long"));
        }
        Ok(text.into())
    }

    pub fn level(&mut self) -> Result<Level> {
        Wire::get(self)
    }

    pub fn bits(&mut self, ty: Scalar) -> Result<u64> {
        Ok(match ty {
            Scalar::F64 => u64::from_le_bytes(self.array()?),
            Scalar::F32 => u32::from_le_bytes(self.array()?).into(),
            _ if ty.is_signed() => {
                let value = unzigzag(self.varint()?);
                let (lo, hi) = ty.int_range().unwrap_or_default();
                if !(lo..=hi).contains(&i128::from(value)) {
                    return Err(self.damaged("a constant is out of range"));
                }
                value as u64 & u64::MAX >> (64 - ty.bits())
            }
            _ => self.varint()?,
        })
    }

    /// Instructions are what memory goes to: too many are refused while reading.
    pub fn one_more_inst(&mut self) -> Result<()> {
        self.insts += 1;
        if self.insts > self.limits.insts { Err(self.damaged("there are too many instructions")) } else { Ok(()) }
    }

    pub fn finish(self) -> Result<()> {
        if self.pos == self.bytes.len() { Ok(()) } else { Err(self.damaged("bytes are left over")) }
    }
}

/// Enums without payload, by their place in a table.
macro_rules! wire_table {
    ($($t:ty: $all:expr,)*) => {$(
        impl Wire for $t {
            fn put(&self, w: &mut Writer) {
                w.byte($all.iter().position(|x| x == self).unwrap_or($all.len()) as u8);
            }

            fn get(r: &mut Reader<'_>) -> Result<Self> {
                let index = r.byte()?;
                $all.get(index as usize).copied().ok_or_else(|| r.damaged(concat!("no such ", stringify!($t))))
            }
        }
    )*};
}

wire_table! {
    Level: Level::ALL,
    Scalar: Scalar::ALL,
    Exception: Exception::ALL,
    Import: Import::ALL,
    UnaryOp: UnaryOp::ALL,
    BinaryOp: BinaryOp::ALL,
    CompareOp: CompareOp::ALL,
    CheckedOp: CheckedOp::ALL,
    LaneReduce: LaneReduce::ALL,
    ReduceOp: ReduceOp::ALL,
    Layout: [Layout::C, Layout::F, Layout::Strided],
    AxisSpec: [AxisSpec::Keep, AxisSpec::Index, AxisSpec::Slice, AxisSpec::NewAxis],
    bool: [false, true],
}

/// Enums with payloads: a code, then the payload's parts.
macro_rules! wire_enum {
    ($t:ident { $($code:literal $v:ident $(($($part:ident),*))?,)* }) => {
        impl Wire for $t {
            fn put(&self, w: &mut Writer) {
                match self {
                    $($t::$v $(($($part),*))? => {
                        w.byte($code);
                        $($($part.put(w);)*)?
                    })*
                }
            }

            fn get(r: &mut Reader<'_>) -> Result<Self> {
                Ok(match r.byte()? {
                    $($code => {
                        $($(let $part = Wire::get(r)?;)*)?
                        $t::$v $(($($part),*))?
                    })*
                    _ => return Err(r.damaged(concat!("no such ", stringify!($t)))),
                })
            }
        }
    };
}

wire_enum!(Type {
    0 Scalar(s),
    1 Ptr,
    2 Vec(s),
    3 Pack(s, lanes),
    4 Array(a),
    5 Buffer,
});

wire_enum!(BufferOp {
    0 Alloc(site),
    1 Data,
    2 Retain,
    3 Release,
    4 Escape,
    5 None,
});

wire_enum!(VectorOp {
    0 LaneCount,
    1 LaneIndex,
    2 Splat,
    3 Load(access),
    4 Store(access),
    5 Gather(access),
    6 Scatter(access),
    7 Any,
    8 All,
    9 Reduce(op),
    10 Lanes,
    11 PackSplat(lanes),
    12 PackLoad(access, lanes),
    13 PackStore(access),
    14 Extract(lane),
    15 Insert(lane),
});

wire_enum!(ArrayOp {
    0 Make(ty, class),
    1 Alloc(ty, site),
    2 Data,
    3 Dim(axis),
    4 Stride(axis),
    5 Get,
    6 Set,
    7 View(axes),
    8 Map(dtype, site),
    9 Assign(site),
    10 Reduce(op, site),
    11 Permute(axes),
    12 Forget(ty),
    13 Escape,
});

wire_enum!(Op {
    0 Const(c),
    1 Null,
    2 Unary(op),
    3 Binary(op),
    4 Compare(op),
    5 Select,
    6 Convert(to),
    7 Bitcast(to),
    8 Overflowing(op),
    9 Checked(op, site),
    10 Check(site),
    11 SiteMatches(exception),
    12 Load(access),
    13 Store(access),
    14 PtrAdd,
    15 PtrToInt,
    16 IntToPtr,
    17 DataAddr(table),
    18 StackSlot(bytes),
    19 StackPointer,
    20 Buffer(op),
    21 Vector(op),
    22 Array(op),
    23 Call(callee),
    24 CallImport(import),
    25 StackCheck(site),
    26 If,
    27 Block(label),
    28 For(label),
    29 While(label),
    30 VFor(label),
    31 Try(label),
    32 Loop(label),
    33 Yield,
    34 Break(label),
    35 Continue(label),
    36 Again(label),
    37 Condition,
    38 Return,
    39 Raise(label, site),
    40 Reraise(label),
    41 Unreachable,
    42 Poll,
});

impl<T> Wire for Id<T> {
    fn put(&self, w: &mut Writer) {
        w.count(self.index());
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        r.u32().map(Id::new)
    }
}

/// Nothing is 0, an id its number plus one.
impl<T> Wire for Option<Id<T>> {
    fn put(&self, w: &mut Writer) {
        w.count(self.map_or(0, |id| id.index() + 1));
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        Ok(r.u32()?.checked_sub(1).map(Id::new))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, w: &mut Writer) {
        w.count(self.len());
        self.iter().for_each(|x| x.put(w));
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        let n = r.count()?;
        (0..n).map(|_| T::get(r)).collect()
    }
}

impl Wire for u8 {
    fn put(&self, w: &mut Writer) {
        w.byte(*self);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        r.byte()
    }
}

impl Wire for u32 {
    fn put(&self, w: &mut Writer) {
        w.varint((*self).into());
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        r.u32()
    }
}

impl Wire for ArrayType {
    fn put(&self, w: &mut Writer) {
        self.dtype.put(w);
        self.rank.put(w);
        self.layout.put(w);
        self.writable.put(w);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        Ok(ArrayType { dtype: Wire::get(r)?, rank: Wire::get(r)?, layout: Wire::get(r)?, writable: Wire::get(r)? })
    }
}

impl Wire for Access {
    fn put(&self, w: &mut Writer) {
        self.element.put(w);
        self.class.put(w);
        w.varint(self.scale.into());
        w.varint(zigzag(self.offset.into()));
    }

    fn get(r: &mut Reader<'_>) -> Result<Self> {
        let (element, class) = (Wire::get(r)?, Wire::get(r)?);
        let scale = u16::try_from(r.varint()?).map_err(|_| r.damaged("a scale is too large"))?;
        let offset = i32::try_from(unzigzag(r.varint()?)).map_err(|_| r.damaged("an offset is too large"))?;
        Ok(Access { element, class, scale, offset })
    }
}
