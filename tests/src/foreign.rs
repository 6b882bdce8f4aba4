//! Runs AArch64 objects on other machines, under qemu's user mode: one process for each call.
//!
//! There is no C library and no dynamic linker in it. The program is an executable made here: the object laid out at a
//! fixed address, a few instructions that call a packed entry and write the outcome to standard output, and the memory
//! they share. What kernels import is as plain: memory comes from a heap that nobody frees.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::abi::{self, ctx};
use gelcap_compiler::back::native::image::{Image, Layout, Object};

/// Names under which systems know the emulator.
const EMULATORS: [&str; 2] = ["qemu-aarch64-static", "qemu-aarch64"];

/// Where the object lies, and the memory that the call sees.
const IMAGE: u64 = 0x4000_0000;
const DATA: u64 = 0x6000_0000;
const PAGE: u64 = 1 << 16;

/// Offsets in the data: the instructions, the words they load, then what they write: the status, the context, the
/// slots, the memories, the heap.
const WORDS: u64 = 0x100;
const OUTCOME: u64 = 0x200;
const CONTEXT: u64 = OUTCOME + 8;
const SLOTS: u64 = CONTEXT + ctx::SIZE as u64;
const HEAP: u64 = 64 << 20;

/// Words that the instructions load.
const ENTRY: u32 = 0;
const CONTEXT_ADDRESS: u32 = 1;
const SLOTS_ADDRESS: u32 = 2;
const OUTCOME_ADDRESS: u32 = 3;
const HEAP_CURSOR: u32 = 4;

/// Whether there is an emulator.
pub fn is_here() -> bool {
    emulator().is_some()
}

fn emulator() -> Option<&'static str> {
    static FOUND: OnceLock<Option<&str>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let answers = |name: &&&str| {
            let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        EMULATORS.iter().find(answers).copied()
    })
}

/// An object, laid out.
pub struct Program {
    image: Image,
    undefined: Vec<String>,
}

/// How a call ended.
pub struct Outcome {
    pub status: i32,
    pub site: i32,
    pub payload: [i64; abi::PAYLOAD_WORDS],
    pub slots: Vec<u64>,
    /// The memories afterwards.
    pub memories: Vec<Vec<u8>>,
    /// What the kernel has allocated, from [`Outcome::heap`] on.
    pub allocated: Vec<u8>,
    /// Where the heap begins.
    pub heap: u64,
}

impl Outcome {
    /// Memory of the call's afterwards, its own or one that the kernel has allocated. `places` are those of the call.
    pub fn bytes<'a>(&'a self, address: u64, size: usize, places: &[(u64, usize)]) -> Option<&'a [u8]> {
        let starts = places.iter().map(|(start, _)| *start).zip(&self.memories);
        let parts = starts.map(|(start, bytes)| (start, bytes.as_slice())).chain([(self.heap, &*self.allocated)]);
        let inside = |(start, bytes): (u64, &'a [u8])| {
            let offset = usize::try_from(address.checked_sub(start)?).ok()?;
            bytes.get(offset..offset.checked_add(size)?)
        };
        parts.into_iter().find_map(inside)
    }
}

impl Program {
    pub fn load(object: &[u8]) -> Result<Program, String> {
        let object = Object::read(object).map_err(|e| e.to_string())?;
        object.check_undefined(|name: &str| Import::from_symbol(name).is_some()).map_err(|e| e.to_string())?;
        let layout = Layout { page: PAGE, prefix: 0, relro: 0 };
        let mut image = object.place(&layout).map_err(|e| e.to_string())?;
        for (at, address) in std::mem::take(&mut image.relative) {
            put(&mut image.bytes, at, IMAGE + address);
        }
        let routines = Routines::new();
        for (at, index, addend) in std::mem::take(&mut image.imports) {
            let import = Import::from_symbol(&object.undefined[index]).ok_or("an unknown import")?;
            put(&mut image.bytes, at, routines.address(import).wrapping_add_signed(addend));
        }
        Ok(Program { image, undefined: object.undefined })
    }

    /// Names of host functions that it calls.
    pub fn imports(&self) -> &[String] {
        &self.undefined
    }

    /// Where memories of these sizes will lie in a call with so many slots.
    pub fn addresses(slots: usize, sizes: impl Iterator<Item = usize>) -> Vec<u64> {
        let mut at = (DATA + SLOTS + 8 * slots as u64).next_multiple_of(64);
        let mut place = |size: usize| {
            let here = at;
            at = (at + size as u64).next_multiple_of(64);
            here
        };
        sizes.map(&mut place).collect()
    }

    /// Calls a packed entry. The slots hold addresses that [`Program::addresses`] gave for these memories.
    pub fn call(&self, symbol: &str, slots: &[u64], memories: &[&[u8]]) -> Result<Outcome, String> {
        let entry = self.image.address(symbol).ok_or_else(|| format!("there is no {symbol}"))?;
        let addresses = Program::addresses(slots.len(), memories.iter().map(|m| m.len()));
        let end = memories.last().zip(addresses.last()).map(|(m, a)| a - DATA + m.len() as u64);
        let heap = end.unwrap_or(SLOTS + 8 * slots.len() as u64).next_multiple_of(64);
        let mut data = Routines::new().code;
        data.resize(heap as usize, 0);
        let words = [IMAGE + entry, DATA + CONTEXT, DATA + SLOTS, DATA + OUTCOME, DATA + heap];
        for (i, word) in words.into_iter().enumerate() {
            put(&mut data, WORDS + 8 * i as u64, word);
        }
        for (i, slot) in slots.iter().enumerate() {
            put(&mut data, SLOTS + 8 * i as u64, *slot);
        }
        for (memory, address) in memories.iter().zip(&addresses) {
            let start = (address - DATA) as usize;
            data[start..start + memory.len()].copy_from_slice(memory);
        }
        let written = run(&self.executable(&data))?;
        if written.len() < (heap - OUTCOME) as usize {
            return Err(format!("it wrote only {} bytes", written.len()));
        }
        let word = |at: u64| u64::from_le_bytes(written[(at - OUTCOME) as usize..][..8].try_into().unwrap_or_default());
        let payload = std::array::from_fn(|i| word(CONTEXT + u64::from(ctx::PAYLOAD) + 8 * i as u64) as i64);
        let memory =
            |(memory, address): (&&[u8], &u64)| written[(address - DATA - OUTCOME) as usize..][..memory.len()].to_vec();
        Ok(Outcome {
            status: word(OUTCOME) as i32,
            site: word(CONTEXT + u64::from(ctx::SITE)) as i32,
            payload,
            slots: (0..slots.len() as u64).map(|i| word(SLOTS + 8 * i)).collect(),
            memories: memories.iter().zip(&addresses).map(memory).collect(),
            allocated: written[(heap - OUTCOME) as usize..].to_vec(),
            heap: DATA + heap,
        })
    }

    /// An ELF file with two segments: the object, and the data with room for the heap.
    fn executable(&self, data: &[u8]) -> Vec<u8> {
        let (header, program_header) = (64u16, 56u16);
        let image_size = (self.image.bytes.len() as u64).next_multiple_of(PAGE);
        let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // ET_EXEC, EM_AARCH64, version, entry, program headers, no section headers, flags.
        file.extend([2u16, 183].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(1u32.to_le_bytes());
        file.extend([DATA, u64::from(header), 0].iter().flat_map(|v| v.to_le_bytes()));
        file.extend(0u32.to_le_bytes());
        file.extend([header, program_header, 2, 64, 0, 0].iter().flat_map(|v| v.to_le_bytes()));
        let (size, data_size) = (self.image.bytes.len() as u64, data.len() as u64);
        for (offset, address, size, memory) in
            [(PAGE, IMAGE, size, size), (PAGE + image_size, DATA, data_size, data_size + HEAP)]
        {
            // PT_LOAD, readable, writable, executable.
            file.extend([1u32, 7].iter().flat_map(|v| v.to_le_bytes()));
            file.extend([offset, address, address, size, memory, PAGE].iter().flat_map(|v| v.to_le_bytes()));
        }
        file.resize(PAGE as usize, 0);
        file.extend(&self.image.bytes);
        file.resize((PAGE + image_size) as usize, 0);
        file.extend(data);
        file
    }
}

/// Runs an executable; gives what it writes.
fn run(executable: &[u8]) -> Result<Vec<u8>, String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let emulator = emulator().ok_or("there is no emulator")?;
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("gelcap-foreign-{}-{number}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    let mut file = options.open(&path).map_err(|e| e.to_string())?;
    file.write_all(executable).map_err(|e| e.to_string())?;
    drop(file);
    let output = Command::new(emulator).arg(&path).stdin(Stdio::null()).output();
    let _ = std::fs::remove_file(&path);
    let output = output.map_err(|e| e.to_string())?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// The instructions at the start of the data, and where each routine begins.
struct Routines {
    code: Vec<u8>,
    alloc: u64,
    nothing: u64,
}

impl Routines {
    fn new() -> Routines {
        let mut code = Assembler(Vec::new());
        // The context's stack limit: 4 MiB below here.
        code.word(0x9100_03e3); // mov x3, sp
        code.word(0xd150_0063); // sub x3, x3, #0x400, lsl #12
        code.load(0, CONTEXT_ADDRESS);
        code.word(0xf900_0003 | ((ctx::STACK_LIMIT / 8) << 10)); // str x3, [x0, #STACK_LIMIT]
        code.load(1, SLOTS_ADDRESS);
        code.load(16, ENTRY);
        code.word(0xd63f_0200); // blr x16
        code.load(1, OUTCOME_ADDRESS);
        code.word(0xb900_0020); // str w0, [x1]
        code.load(2, HEAP_CURSOR);
        code.word(0xcb01_0042); // sub x2, x2, x1
        code.word(0xd280_0020); // mov x0, #1
        code.word(0xd280_0808); // mov x8, #64, which is write
        code.word(0xd400_0001); // svc #0
        code.word(0xd280_0000); // mov x0, #0
        code.word(0xd280_0ba8); // mov x8, #93, which is exit
        code.word(0xd400_0001); // svc #0
        let alloc = code.here();
        code.word(0xd344_fc00); // lsr x0, x0, #4
        code.word(0x9100_0400); // add x0, x0, #1
        code.word(0xd37c_ec00); // lsl x0, x0, #4
        code.word(0xf140_001f | (0xfff << 10)); // cmp x0, #0xfff, lsl #12
        code.word(0x5400_0068); // b.hi over the next two
        code.load(2, HEAP_CURSOR);
        code.word(0x1400_0003); // b over the next two
        code.word(0xd280_0000); // mov x0, #0
        code.word(0xd65f_03c0); // ret
        code.address(1, HEAP_CURSOR);
        code.word(0x8b00_0043); // add x3, x2, x0
        code.word(0xf900_0023); // str x3, [x1]
        code.word(0xaa02_03e0); // mov x0, x2
        code.word(0xd65f_03c0); // ret
        let nothing = code.here();
        code.word(0xd280_0000); // mov x0, #0
        code.word(0xd65f_03c0); // ret
        Routines { code: code.0, alloc, nothing }
    }

    fn address(&self, import: Import) -> u64 {
        match import {
            Import::BufferAlloc => self.alloc,
            Import::Raise | Import::StackLimit | Import::BufferRetain | Import::BufferRelease => self.nothing,
        }
    }
}

struct Assembler(Vec<u8>);

impl Assembler {
    fn here(&self) -> u64 {
        DATA + self.0.len() as u64
    }

    fn word(&mut self, instruction: u32) {
        self.0.extend(instruction.to_le_bytes());
    }

    /// `ldr xN, word`
    fn load(&mut self, register: u32, word: u32) {
        let distance = WORDS as u32 + 8 * word - self.0.len() as u32;
        self.word(0x5800_0000 | ((distance / 4) << 5) | register);
    }

    /// `adr xN, word`
    fn address(&mut self, register: u32, word: u32) {
        let distance = WORDS as u32 + 8 * word - self.0.len() as u32;
        self.word(0x1000_0000 | ((distance >> 2) << 5) | ((distance & 3) << 29) | register);
    }
}

fn put(bytes: &mut [u8], at: u64, word: u64) {
    bytes[at as usize..][..8].copy_from_slice(&word.to_le_bytes());
}
