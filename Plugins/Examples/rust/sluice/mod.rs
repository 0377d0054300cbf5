//! sluice.h revision 1 for Rust, written out by hand: types, tables and constants under their C
//! names. What they mean, and who may call what, is said in sluice.h; a test of Sluice holds each
//! size, offset and number here against it. It needs no crate, and Rust 1.63 or later.
#![allow(non_camel_case_types, dead_code)]

mod exchange;
mod host;
mod roles;

pub use exchange::*;
pub use host::*;
pub use roles::*;
use std::ffi::c_void;
use std::mem::size_of;
use std::os::raw::c_char;

pub const SLUICE_ABI_MAJOR: u16 = 1;
pub const SLUICE_ABI_MINOR: u16 = 0;
pub const SLUICE_MAGIC: u32 = 0x31554C53;
pub const SLUICE_ENTRY_SYMBOL: &[u8] = b"sluice_plugin_entry\0";
pub type sluice_status = i32;
pub const SLUICE_OK: sluice_status = 0;
pub const SLUICE_PENDING: sluice_status = 1;
pub const SLUICE_DECLINED: sluice_status = 2;
pub const SLUICE_E_INVALID: sluice_status = -1;
pub const SLUICE_E_UNSUPPORTED: sluice_status = -2;
pub const SLUICE_E_GONE: sluice_status = -3;
pub const SLUICE_E_AGAIN: sluice_status = -4;
pub const SLUICE_E_LIMIT: sluice_status = -5;
pub const SLUICE_E_DENIED: sluice_status = -6;
pub const SLUICE_E_THREAD: sluice_status = -7;
pub const SLUICE_E_STATE: sluice_status = -8;
pub const SLUICE_E_TIMEOUT: sluice_status = -9;
pub const SLUICE_E_IO: sluice_status = -10;
pub const SLUICE_E_EXISTS: sluice_status = -11;
pub const SLUICE_E_NOTFOUND: sluice_status = -12;
pub const SLUICE_E_NOMEM: sluice_status = -13;
pub const SLUICE_E_CANCELED: sluice_status = -14;
pub const SLUICE_E_TYPE: sluice_status = -15;
pub const SLUICE_E_INTERNAL: sluice_status = -16;
pub const SLUICE_E_BUSY: sluice_status = -17;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_span {
    pub data: *const u8,
    pub len: usize,
}

/// Opaque.
#[repr(C)]
pub struct sluice_buf {
    _private: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_chunk {
    pub bytes: sluice_span,
    pub owner: *mut sluice_buf,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_header {
    pub name: sluice_span,
    pub value: sluice_span,
    pub flags: u32,
    pub reserved: u32,
}

pub const SLUICE_HEADER_SENSITIVE: u32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_headers {
    pub items: *const sluice_header,
    pub count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_list {
    pub items: *const c_void,
    pub count: u32,
    pub stride: u32,
}

pub const SLUICE_ERROR_PATH_MAX: usize = 112;
pub const SLUICE_ERROR_TEXT_MAX: usize = 384;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_error {
    pub size: u32,
    pub code: sluice_status,
    pub path_len: u32,
    pub text_len: u32,
    pub path: [c_char; SLUICE_ERROR_PATH_MAX],
    pub text: [c_char; SLUICE_ERROR_TEXT_MAX],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_field {
    pub key: sluice_span,
    pub value: sluice_span,
}

pub type sluice_task = Option<unsafe extern "C" fn(ctx: *mut c_void, why: sluice_status)>;
pub type sluice_work = Option<unsafe extern "C" fn(ctx: *mut c_void)>;
pub type sluice_release = Option<unsafe extern "C" fn(ctx: *mut c_void)>;
pub type sluice_ready = Option<unsafe extern "C" fn(ctx: *mut c_void, fd: i32, revents: u32)>;
pub type sluice_fn = Option<unsafe extern "C" fn()>;
pub const SLUICE_ON_LANE: i32 = 0;
pub const SLUICE_ON_POOL: i32 = 1;
pub const SLUICE_ON_WORKER: i32 = 2;
pub const SLUICE_ON_OTHER: i32 = 3;
pub type sluice_rid = u64;
pub type sluice_cid = u64;
pub type sluice_tid = u64;
pub const SLUICE_NO_ID: u64 = 0;
pub const SLUICE_NEVER: u64 = u64::MAX;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_stamp {
    pub magic: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub pointer_bits: u8,
    pub little_endian: u8,
    pub sz_span: u16,
    pub sz_chunk: u16,
    pub sz_header: u16,
    pub sz_list: u16,
    pub sz_error: u16,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_hello {
    pub size: u32,
    pub stamp: sluice_stamp,
    pub host_name: sluice_span,
    pub host_version: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_plugin_desc {
    pub size: u32,
    pub flags: u32,
    pub stamp: sluice_stamp,
    pub needs_minor: u16,
    pub reserved: u16,
    pub id: sluice_span,
    pub version: sluice_span,
    pub summary: sluice_span,
    pub config_schema: sluice_span,
    pub route_schema: sluice_span,
    pub requires_ids: sluice_list,
    pub ops: *const sluice_plugin_ops,
}

pub const SLUICE_PLUGIN_SINGLETON: u32 = 2;
pub const SLUICE_PLUGIN_SWIFT: u32 = 4;
pub const SLUICE_PLUGIN_GO: u32 = 8;
pub type sluice_entry_fn = Option<
    unsafe extern "C" fn(
        hello: *const sluice_hello,
        err: *mut sluice_error,
    ) -> *const sluice_plugin_desc,
>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_host {
    pub size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub find:
        Option<unsafe extern "C" fn(this: *const sluice_host, id: *const c_char) -> *const c_void>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_instance {
    pub size: u32,
    pub workers: u32,
    pub name: sluice_span,
    pub config: sluice_span,
    pub state_dir: sluice_span,
    pub check_only: u32,
    pub restarts: u32,
    pub config_dir: sluice_span,
}

pub const SLUICE_TRAIT_EXCLUSIVE: u32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_plugin_ops {
    pub size: u32,
    pub reserved: u32,
    pub check_config:
        Option<unsafe extern "C" fn(json: sluice_span, err: *mut sluice_error) -> sluice_status>,
    pub create: Option<
        unsafe extern "C" fn(
            host: *const sluice_host,
            inst: *const sluice_instance,
            this: *mut *mut c_void,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub traits: Option<unsafe extern "C" fn(this: *mut c_void) -> u32>,
    pub role:
        Option<unsafe extern "C" fn(this: *mut c_void, role_id: *const c_char) -> *const c_void>,
    pub start:
        Option<unsafe extern "C" fn(this: *mut c_void, err: *mut sluice_error) -> sluice_status>,
    pub reconfigure: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            json: sluice_span,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub drain: Option<unsafe extern "C" fn(this: *mut c_void, deadline_ns: u64) -> sluice_status>,
    pub stop: Option<unsafe extern "C" fn(this: *mut c_void, deadline_ns: u64) -> sluice_status>,
    pub destroy: Option<unsafe extern "C" fn(this: *mut c_void)>,
}

// What follows is the header's section 7, in Rust.

/// The stamp of this mirror.
pub const STAMP: sluice_stamp = sluice_stamp {
    magic: SLUICE_MAGIC,
    abi_major: SLUICE_ABI_MAJOR,
    abi_minor: SLUICE_ABI_MINOR,
    pointer_bits: usize::BITS as u8,
    little_endian: cfg!(target_endian = "little") as u8,
    sz_span: size_of::<sluice_span>() as u16,
    sz_chunk: size_of::<sluice_chunk>() as u16,
    sz_header: size_of::<sluice_header>() as u16,
    sz_list: size_of::<sluice_list>() as u16,
    sz_error: size_of::<sluice_error>() as u16,
};

impl sluice_span {
    /// Nothing, which is not the same as an empty text.
    pub const ABSENT: sluice_span = sluice_span { data: std::ptr::null(), len: 0 };

    /// Borrows `bytes`: the span is valid as long as they are.
    pub const fn of(bytes: &[u8]) -> sluice_span {
        sluice_span { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// Borrows `text`.
    pub const fn text(text: &str) -> sluice_span {
        sluice_span::of(text.as_bytes())
    }

    /// Borrows an id of this mirror, without the NUL at its end.
    pub const fn id(id: &'static [u8]) -> sluice_span {
        sluice_span { data: id.as_ptr(), len: id.len() - 1 }
    }

    /// The bytes; empty when absent.
    ///
    /// # Safety
    /// The bytes are there as long as the answer is used.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        match self.data.is_null() {
            true => &[],
            false => std::slice::from_raw_parts(self.data, self.len),
        }
    }
}

impl sluice_list {
    /// Borrows `items`: the list is valid as long as they are.
    pub const fn of<T>(items: &[T]) -> sluice_list {
        sluice_list {
            items: items.as_ptr() as *const c_void,
            count: items.len() as u32,
            stride: size_of::<T>() as u32,
        }
    }
}

/// A struct of the header in which everything is zero, absent or null: its default.
///
/// # Safety
/// `T` is a struct of the header.
pub unsafe fn zeroed<T>() -> T {
    std::mem::zeroed()
}

/// Fills `err`, where there is one, and returns `code`. What does not fit is cut.
///
/// # Safety
/// `err` is null or points to a `sluice_error` of the host.
pub unsafe fn sluice_fail(
    err: *mut sluice_error,
    code: sluice_status,
    text: &str,
) -> sluice_status {
    if err.is_null() || ((*err).size as usize) < size_of::<sluice_error>() {
        return code;
    }
    let mut length = text.len().min(SLUICE_ERROR_TEXT_MAX);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    (*err).code = code;
    (*err).path_len = 0;
    (*err).text_len = length as u32;
    for (place, byte) in (*err).text.iter_mut().zip(&text.as_bytes()[..length]) {
        *place = *byte as c_char;
    }
    code
}
