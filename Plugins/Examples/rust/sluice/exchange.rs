//! HTTP exchanges: section 5 of sluice.h.
use super::*;

pub const SLUICE_IF_HTTP: &[u8] = b"sluice.http/0\0";
pub const SLUICE_M_GET: u32 = 1;
pub const SLUICE_M_HEAD: u32 = 2;
pub const SLUICE_M_POST: u32 = 4;
pub const SLUICE_M_PUT: u32 = 8;
pub const SLUICE_M_DELETE: u32 = 16;
pub const SLUICE_M_PATCH: u32 = 32;
pub const SLUICE_M_OPTIONS: u32 = 64;
pub const SLUICE_M_CONNECT: u32 = 128;
pub const SLUICE_M_OTHER: u32 = 256;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_request {
    pub size: u32,
    pub method: u32,
    pub method_name: sluice_span,
    pub scheme: sluice_span,
    pub authority: sluice_span,
    pub path: sluice_span,
    pub suffix: sluice_span,
    pub query: sluice_span,
    pub headers: sluice_headers,
    pub trailers: sluice_headers,
    pub content_length: i64,
    pub http_version: u32,
    pub flags: u32,
    pub peer: sluice_span,
    pub sni: sluice_span,
    pub client_cert: sluice_span,
    pub request_id: sluice_span,
    pub route: sluice_span,
    pub trace_parent: sluice_span,
    pub arrived_ns: u64,
    pub deadline_ns: u64,
}

pub const SLUICE_REQ_TLS: u32 = 1;
pub const SLUICE_REQ_END: u32 = 2;
pub const SLUICE_REQ_EXPECT: u32 = 4;
pub const SLUICE_REQ_UPGRADE: u32 = 8;
pub const SLUICE_END: u32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_response {
    pub size: u32,
    pub status: i32,
    pub headers: sluice_headers,
    pub body: *const sluice_chunk,
    pub nbody: usize,
    pub reason: sluice_span,
}

pub const SLUICE_CLOSE_DONE: i32 = 0;
pub const SLUICE_CLOSE_CLIENT: i32 = 1;
pub const SLUICE_CLOSE_TIMEOUT: i32 = 2;
pub const SLUICE_CLOSE_OVERLOAD: i32 = 3;
pub const SLUICE_CLOSE_UPSTREAM: i32 = 4;
pub const SLUICE_CLOSE_PLUGIN: i32 = 5;
pub const SLUICE_CLOSE_SHUTDOWN: i32 = 6;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_exchange {
    pub size: u32,
    pub status: i32,
    pub close: i32,
    pub retries: u32,
    pub rx_bytes: u64,
    pub tx_bytes: u64,
    pub first_byte_ns: u64,
    pub total_ns: u64,
    pub upstream: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_forward {
    pub size: u32,
    pub reserved: u32,
    pub source: sluice_span,
    pub pool: sluice_span,
    pub path: sluice_span,
    pub set: sluice_headers,
    pub remove: *const sluice_span,
    pub nremove: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_http_api {
    pub header: Option<
        unsafe extern "C" fn(id: sluice_rid, side: u32, name: sluice_span, nth: u32) -> sluice_span,
    >,
    pub respond: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            response: *const sluice_response,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub inform: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            status_1xx: i32,
            headers: sluice_headers,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub begin: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            status: i32,
            headers: sluice_headers,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub write: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            chunks: *const sluice_chunk,
            n: usize,
            flags: u32,
        ) -> sluice_status,
    >,
    pub finish:
        Option<unsafe extern "C" fn(id: sluice_rid, trailers: sluice_headers) -> sluice_status>,
    pub abort: Option<unsafe extern "C" fn(id: sluice_rid, reason: sluice_span) -> sluice_status>,
    pub resume: Option<unsafe extern "C" fn(id: sluice_rid, side: u32) -> sluice_status>,
    pub deadline: Option<unsafe extern "C" fn(id: sluice_rid, deadline_ns: u64) -> sluice_status>,
    pub forward: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            forward: *const sluice_forward,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub header_set: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            side: u32,
            name: sluice_span,
            value: sluice_span,
        ) -> sluice_status,
    >,
    pub header_add: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            side: u32,
            name: sluice_span,
            value: sluice_span,
        ) -> sluice_status,
    >,
    pub header_remove:
        Option<unsafe extern "C" fn(id: sluice_rid, side: u32, name: sluice_span) -> sluice_status>,
    pub path_set: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            path: sluice_span,
            query: sluice_span,
        ) -> sluice_status,
    >,
    pub status_set: Option<unsafe extern "C" fn(id: sluice_rid, status: i32) -> sluice_status>,
    pub body_set: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            side: u32,
            chunks: *const sluice_chunk,
            n: usize,
        ) -> sluice_status,
    >,
    pub held: Option<
        unsafe extern "C" fn(
            id: sluice_rid,
            side: u32,
            out: *mut sluice_chunk,
            n: *mut usize,
        ) -> sluice_status,
    >,
}

pub const SLUICE_REQUEST: u32 = 0;
pub const SLUICE_RESPONSE: u32 = 1;
pub const SLUICE_TRAILERS: u32 = 2;
