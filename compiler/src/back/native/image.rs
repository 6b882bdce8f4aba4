//! A relocatable object laid out in memory: sections side by side in segments, everything that does not depend on the
//! load address resolved. What is left are the words that need the address ([`Image::relative`]) and those that need
//! somebody else's symbol ([`Image::imports`]). `elf.rs` writes an image to a file, `native-host` maps it into the
//! process: both see the same bytes, so a kernel is the same code in both.

use std::collections::BTreeMap;
use std::fmt;

use object::read::elf::ElfFile64;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget, SectionFlags};

use super::align;
use super::reloc::{self, Arch, Kind, Through};

/// Why an object cannot be laid out. All of them are faults of ours, or a damaged file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImageError {
    Unreadable(String),
    Architecture(String),
    Relocation { section: String, r_type: u32 },
    OutOfReach { section: String, offset: u64 },
    Undefined(String),
    ThreadLocal(String),
    TooLarge,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Unreadable(why) => write!(f, "the object cannot be read: {why}"),
            ImageError::Architecture(arch) => write!(f, "code for {arch} is not supported"),
            ImageError::Relocation { section, r_type } => write!(f, "relocation type {r_type} in {section}"),
            ImageError::OutOfReach { section, offset } => {
                write!(f, "the relocation at {section}+{offset:#x} does not reach its target")
            }
            ImageError::Undefined(name) => write!(f, "the object needs `{name}`, which nothing provides"),
            ImageError::ThreadLocal(section) => write!(f, "thread-local section {section}"),
            ImageError::TooLarge => write!(f, "the object is larger than an image may be"),
        }
    }
}

impl std::error::Error for ImageError {}

/// What a segment may be used for. The order is that of the addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Access {
    Read,
    Execute,
    /// Written by relocation, read-only afterwards.
    ReadAfterRelocation,
    Write,
}

const ACCESSES: [Access; 4] = [Access::Read, Access::Execute, Access::ReadAfterRelocation, Access::Write];

/// Code and data of one object, not yet placed.
pub struct Object {
    pub arch: Arch,
    sections: Vec<Section>,
    symbols: Vec<Symbol>,
    relocations: Vec<Relocation>,
    /// Names of the undefined symbols that relocations use, sorted.
    pub undefined: Vec<String>,
}

struct Section {
    name: String,
    access: Access,
    align: u64,
    /// Bytes past the start of a line at which code starts: see [`align`]. 0 if it does not matter.
    shift: u64,
    size: u64,
    /// Empty if it is all zeros.
    bytes: Vec<u8>,
}

/// A symbol of the object.
struct Symbol {
    name: String,
    home: Home,
    size: u64,
    is_function: bool,
    is_global: bool,
}

#[derive(Clone, Copy)]
enum Home {
    Section { section: usize, offset: u64 },
    Undefined,
}

struct Relocation {
    section: usize,
    offset: u64,
    kind: Kind,
    symbol: usize,
    addend: i64,
}

/// What its user adds to an image.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Segments start at multiples of it.
    pub page: u64,
    /// Bytes kept free at the start of the image.
    pub prefix: u64,
    /// Bytes kept free, 8-aligned, in the segment that is read-only after relocation.
    pub relro: u64,
}

/// An object in its place, for any load address that is a multiple of the page size.
pub struct Image {
    pub arch: Arch,
    pub bytes: Vec<u8>,
    /// In the order of their addresses; none is empty.
    pub segments: Vec<Segment>,
    pub sections: Vec<PlacedSection>,
    /// The defined symbols that have a name.
    pub symbols: Vec<PlacedSymbol>,
    /// The word at `.0` is to be the load address plus `.1`.
    pub relative: Vec<(u64, u64)>,
    /// The word at `.0` is to be the address of [`Object::undefined`] `.1` plus `.2`.
    pub imports: Vec<(u64, usize, i64)>,
    /// Where the bytes asked for by [`Layout::relro`] are.
    pub relro: u64,
    /// The global offset table.
    pub got: std::ops::Range<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    pub access: Access,
    pub start: u64,
    pub end: u64,
}

#[derive(Clone, Debug)]
pub struct PlacedSection {
    pub name: String,
    pub access: Access,
    pub start: u64,
    pub size: u64,
    pub align: u64,
}

#[derive(Clone, Debug)]
pub struct PlacedSymbol {
    pub name: String,
    pub address: u64,
    pub size: u64,
    pub is_function: bool,
    /// Visible outside the object.
    pub is_global: bool,
    /// Index into [`Image::sections`].
    pub section: usize,
}

/// Images stay where 32-bit distances reach.
const MAX_IMAGE: u64 = 1 << 30;

/// No section asks for more than the smallest page.
const MAX_ALIGN: u64 = 1 << 12;

impl Object {
    pub fn read(data: &[u8]) -> Result<Object, ImageError> {
        let file = ElfFile64::<object::Endianness>::parse(data).map_err(unreadable)?;
        let arch = match file.architecture() {
            object::Architecture::X86_64 => Arch::X86_64,
            object::Architecture::Aarch64 => Arch::Aarch64,
            other => return Err(ImageError::Architecture(format!("{other:?}"))),
        };
        let (sections, place_of) = read_sections(&file)?;
        let (symbols, symbol_of) = read_symbols(&file, &place_of)?;
        let mut relocations = Vec::new();
        for section in file.sections() {
            let Some(&place) = place_of.get(&section.index().0) else { continue };
            for (offset, relocation) in section.relocations() {
                let RelocationFlags::Elf { r_type } = relocation.flags() else { continue };
                let unknown = || ImageError::Relocation { section: sections[place].name.clone(), r_type };
                let kind = Kind::of(arch, r_type).ok_or_else(unknown)?;
                let RelocationTarget::Symbol(target) = relocation.target() else { return Err(unknown()) };
                let symbol = *symbol_of.get(&target.0).ok_or_else(unknown)?;
                relocations.push(Relocation { section: place, offset, kind, symbol, addend: relocation.addend() });
            }
        }
        let mut object = Object { arch, sections, symbols, relocations, undefined: Vec::new() };
        object.settle()?;
        Ok(object)
    }

    /// Fills `undefined`, and moves constants that hold addresses out of the segment that is never written.
    fn settle(&mut self) -> Result<(), ImageError> {
        let mut undefined: Vec<String> = Vec::new();
        for relocation in &self.relocations {
            let symbol = &self.symbols[relocation.symbol];
            if let Home::Undefined = symbol.home {
                undefined.push(symbol.name.clone());
            }
            let section = &mut self.sections[relocation.section];
            if relocation.kind == Kind::Absolute64 && section.access == Access::Read {
                section.access = Access::ReadAfterRelocation;
            }
        }
        undefined.sort();
        undefined.dedup();
        self.undefined = undefined;
        let total = self.sections.iter().try_fold(0u64, |sum, s| sum.checked_add(s.size)?.checked_add(s.align));
        total.filter(|t| *t <= MAX_IMAGE).map(|_| ()).ok_or(ImageError::TooLarge)
    }

    /// Refuses the object if it needs a symbol that `allowed` does not know.
    pub fn check_undefined(&self, allowed: impl Fn(&str) -> bool) -> Result<(), ImageError> {
        match self.undefined.iter().find(|name| !allowed(name)) {
            Some(name) => Err(ImageError::Undefined(name.clone())),
            None => Ok(()),
        }
    }

    /// The names of the global symbols it defines, with whether they are functions.
    pub fn globals(&self) -> impl Iterator<Item = (&str, bool)> {
        self.symbols
            .iter()
            .filter(|s| s.is_global && matches!(s.home, Home::Section { .. }))
            .map(|s| (s.name.as_str(), s.is_function))
    }

    /// How many words an image of it leaves to be relocated at load time.
    pub fn load_time_words(&self) -> usize {
        self.got_slots().len() + self.relocations.iter().filter(|r| r.kind == Kind::Absolute64).count()
    }

    fn is_undefined(&self, symbol: usize) -> bool {
        matches!(self.symbols[symbol].home, Home::Undefined)
    }

    /// Symbols that need a slot in the global offset table, with the slot's number.
    fn got_slots(&self) -> BTreeMap<usize, u64> {
        let needs = |r: &&Relocation| match r.kind.through() {
            Through::Got => !self.relaxes(r),
            Through::Stub => self.is_undefined(r.symbol),
            Through::Address => false,
        };
        number(self.relocations.iter().filter(needs).map(|r| r.symbol))
    }

    /// Whether the load of an address from the table can become the computation of the address. Cranelift goes through
    /// the table for every symbol in position-independent code, its own constants too.
    fn relaxes(&self, relocation: &Relocation) -> bool {
        let bytes = &self.sections[relocation.section].bytes;
        !self.is_undefined(relocation.symbol)
            && usize::try_from(relocation.offset).is_ok_and(|at| reloc::is_relaxable(relocation.kind, bytes, at))
    }

    /// Symbols that need a stub, with the stub's number.
    fn stubs(&self) -> BTreeMap<usize, u64> {
        let needs = |r: &&Relocation| r.kind.through() == Through::Stub && self.is_undefined(r.symbol);
        number(self.relocations.iter().filter(needs).map(|r| r.symbol))
    }

    pub fn place(&self, layout: &Layout) -> Result<Image, ImageError> {
        let mut image = Image {
            arch: self.arch,
            bytes: Vec::new(),
            segments: Vec::new(),
            sections: Vec::new(),
            symbols: Vec::new(),
            relative: Vec::new(),
            imports: Vec::new(),
            relro: 0,
            got: 0..0,
        };
        let slots = self.got_slots();
        let stubs = self.stubs();
        let mut placer = Placer { image: &mut image, page: layout.page, cursor: 0 };
        let mut starts = vec![0; self.sections.len()];
        let mut stub_base = 0;
        for access in ACCESSES {
            let start = placer.begin();
            if access == Access::Read {
                placer.cursor += layout.prefix;
            }
            for (i, section) in self.sections.iter().enumerate().filter(|(_, s)| s.access == access && s.size > 0) {
                starts[i] = match section.shift {
                    0 => placer.section(&section.name, access, section.size, section.align),
                    shift => {
                        placer.cursor = placer.cursor.next_multiple_of(align::LINE) + shift;
                        placer.section(&section.name, access, section.size, 1)
                    }
                };
            }
            if access == Access::Execute && !stubs.is_empty() {
                stub_base = placer.section(".plt", access, reloc::STUB * stubs.len() as u64, 16);
            }
            if access == Access::ReadAfterRelocation {
                if !slots.is_empty() {
                    let size = 8 * slots.len() as u64;
                    let got = placer.section(".got", access, size, 8);
                    placer.image.got = got..got + size;
                }
                placer.image.relro = placer.reserve(layout.relro, 8);
            }
            placer.end(access, start);
        }
        let size = placer.cursor;
        if size > MAX_IMAGE {
            return Err(ImageError::TooLarge);
        }
        image.bytes = vec![0; size as usize];
        for (section, start) in self.sections.iter().zip(&starts) {
            let start = *start as usize;
            image.bytes[start..start + section.bytes.len()].copy_from_slice(&section.bytes);
        }
        self.place_symbols(&mut image, &starts);
        Resolver { object: self, starts: &starts, slots: &slots, stubs: &stubs, stub_base }.run(&mut image)?;
        Ok(image)
    }

    fn place_symbols(&self, image: &mut Image, starts: &[u64]) {
        for symbol in self.symbols.iter().filter(|s| !s.name.is_empty()) {
            let Home::Section { section, offset } = symbol.home else { continue };
            let address = starts[section].wrapping_add(offset);
            let placed = |s: &PlacedSection| s.start == starts[section] && s.name == self.sections[section].name;
            let Some(place) = image.sections.iter().position(placed) else { continue };
            image.symbols.push(PlacedSymbol {
                name: symbol.name.clone(),
                address,
                size: symbol.size,
                is_function: symbol.is_function,
                is_global: symbol.is_global,
                section: place,
            });
        }
    }
}

impl Image {
    /// The address of a global symbol, relative to the load address.
    pub fn address(&self, name: &str) -> Option<u64> {
        self.symbols.iter().find(|s| s.is_global && s.name == name).map(|s| s.address)
    }
}

type Elf<'a> = ElfFile64<'a, object::Endianness>;

/// From an index in the object file to ours.
type Places = BTreeMap<usize, usize>;

fn unreadable(error: object::Error) -> ImageError {
    ImageError::Unreadable(error.to_string())
}

/// The sections that are loaded.
fn read_sections(file: &Elf<'_>) -> Result<(Vec<Section>, Places), ImageError> {
    let mut sections = Vec::new();
    let mut place_of = Places::new();
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        let sh_flags = sh_flags as u32;
        let name = section.name().map_err(unreadable)?.to_string();
        if sh_flags & object::elf::SHF_ALLOC == 0 || name == align::SECTION {
            continue;
        }
        if sh_flags & object::elf::SHF_TLS != 0 {
            return Err(ImageError::ThreadLocal(name));
        }
        let align = section.align().max(1);
        if align > MAX_ALIGN {
            return Err(ImageError::TooLarge);
        }
        place_of.insert(section.index().0, sections.len());
        let bytes = section.data().map_err(unreadable)?.to_vec();
        sections.push(Section { access: access(&name, sh_flags), name, align, shift: 0, size: section.size(), bytes });
    }
    if let Some(table) = file.section_by_name(align::SECTION) {
        let code = sections.iter_mut().filter(|s| s.access == Access::Execute);
        for (section, &shift) in code.zip(table.data().map_err(unreadable)?) {
            section.shift = u64::from(shift) % align::LINE;
        }
    }
    Ok((sections, place_of))
}

fn read_symbols(file: &Elf<'_>, place_of: &Places) -> Result<(Vec<Symbol>, Places), ImageError> {
    let mut symbols = Vec::new();
    let mut symbol_of = Places::new();
    for symbol in file.symbols() {
        let home = match symbol.section_index().and_then(|i| place_of.get(&i.0)) {
            Some(&section) => Home::Section { section, offset: symbol.address() },
            None => Home::Undefined,
        };
        symbol_of.insert(symbol.index().0, symbols.len());
        symbols.push(Symbol {
            name: symbol.name().map_err(unreadable)?.to_string(),
            home,
            size: symbol.size(),
            is_function: symbol.kind() == object::SymbolKind::Text,
            is_global: symbol.is_global(),
        });
    }
    Ok((symbols, symbol_of))
}

/// The access of a section by its flags; by its name where the flags cannot say it.
fn access(name: &str, sh_flags: u32) -> Access {
    if sh_flags & object::elf::SHF_EXECINSTR != 0 {
        Access::Execute
    } else if name.starts_with(".data.rel.ro") {
        Access::ReadAfterRelocation
    } else if sh_flags & object::elf::SHF_WRITE != 0 {
        Access::Write
    } else {
        Access::Read
    }
}

fn number(symbols: impl Iterator<Item = usize>) -> BTreeMap<usize, u64> {
    let mut numbers = BTreeMap::new();
    for symbol in symbols {
        let next = numbers.len() as u64;
        numbers.entry(symbol).or_insert(next);
    }
    numbers
}

/// Hands out addresses.
struct Placer<'a> {
    image: &'a mut Image,
    page: u64,
    cursor: u64,
}

impl Placer<'_> {
    fn begin(&mut self) -> u64 {
        self.cursor = self.cursor.next_multiple_of(self.page);
        self.cursor
    }

    fn end(&mut self, access: Access, start: u64) {
        if self.cursor > start {
            self.image.segments.push(Segment { access, start, end: self.cursor });
        }
    }

    fn reserve(&mut self, size: u64, align: u64) -> u64 {
        let start = self.cursor.next_multiple_of(align);
        if size > 0 {
            self.cursor = start + size;
        }
        start
    }

    fn section(&mut self, name: &str, access: Access, size: u64, align: u64) -> u64 {
        let start = self.reserve(size, align);
        self.image.sections.push(PlacedSection { name: name.to_string(), access, start, size, align });
        start
    }
}

/// Applies the relocations.
struct Resolver<'a> {
    object: &'a Object,
    starts: &'a [u64],
    slots: &'a BTreeMap<usize, u64>,
    stubs: &'a BTreeMap<usize, u64>,
    stub_base: u64,
}

impl Resolver<'_> {
    fn run(&self, image: &mut Image) -> Result<(), ImageError> {
        for (&symbol, &slot) in self.slots {
            self.load_time_word(image, image.got.start + 8 * slot, symbol, 0);
        }
        for (symbol, number) in self.stubs {
            let place = self.stub_base + reloc::STUB * number;
            let slot = image.got.start + 8 * self.slots[symbol];
            let code = reloc::stub(image.arch, place, slot).ok_or(ImageError::TooLarge)?;
            image.bytes[place as usize..][..code.len()].copy_from_slice(&code);
        }
        for relocation in &self.object.relocations {
            self.apply(image, relocation)?;
        }
        Ok(())
    }

    fn apply(&self, image: &mut Image, relocation: &Relocation) -> Result<(), ImageError> {
        let section = &self.object.sections[relocation.section];
        let out_of_reach = || ImageError::OutOfReach { section: section.name.clone(), offset: relocation.offset };
        let inside = relocation.offset.checked_add(4).is_some_and(|end| end <= section.bytes.len() as u64);
        if !inside {
            return Err(out_of_reach());
        }
        let place = self.starts[relocation.section] + relocation.offset;
        if relocation.kind == Kind::Absolute64 {
            if relocation.offset + 8 > section.bytes.len() as u64 {
                return Err(out_of_reach());
            }
            self.load_time_word(image, place, relocation.symbol, relocation.addend);
            return Ok(());
        }
        let symbol = relocation.symbol;
        let mut kind = relocation.kind;
        if self.object.relaxes(relocation) {
            kind = reloc::relax(kind, &mut image.bytes, place as usize).ok_or_else(out_of_reach)?;
        }
        let target = match (kind.through(), self.address(symbol)) {
            (Through::Got, _) => image.got.start + 8 * self.slots[&symbol],
            (Through::Address | Through::Stub, Some(address)) => address,
            (Through::Stub, None) => self.stub_base + reloc::STUB * self.stubs[&symbol],
            (Through::Address, None) => return Err(ImageError::Undefined(self.object.symbols[symbol].name.clone())),
        };
        let end = (self.starts[relocation.section] + section.bytes.len() as u64) as usize;
        let field = &mut image.bytes[place as usize..end];
        let target = target.wrapping_add_signed(relocation.addend);
        kind.apply(field, target, place).ok_or_else(out_of_reach)
    }

    fn address(&self, symbol: usize) -> Option<u64> {
        match self.object.symbols[symbol].home {
            Home::Section { section, offset } => Some(self.starts[section].wrapping_add(offset)),
            Home::Undefined => None,
        }
    }

    /// Leaves the word at `at` to the loader: the address of a symbol.
    fn load_time_word(&self, image: &mut Image, at: u64, symbol: usize, addend: i64) {
        match self.address(symbol) {
            Some(address) => image.relative.push((at, address.wrapping_add_signed(addend))),
            None => {
                let name = &self.object.symbols[symbol].name;
                // Every undefined symbol of a relocation is in the sorted list.
                if let Ok(index) = self.object.undefined.binary_search(name) {
                    image.imports.push((at, index, addend));
                }
            }
        }
    }
}
