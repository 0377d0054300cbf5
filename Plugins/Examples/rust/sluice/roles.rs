//! The roles a plugin may play: section 6 of sluice.h.
use super::*;

pub const SLUICE_ROLE_SERVICE: &[u8] = b"sluice.service/0\0";
pub const SLUICE_BODY_NONE: i32 = 0;
pub const SLUICE_BODY_BUFFERED: i32 = 1;
pub const SLUICE_BODY_STREAM: i32 = 2;
pub const SLUICE_MOUNT_INLINE: u32 = 1;
pub const SLUICE_MOUNT_HALF_CLOSE: u32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_mount {
    pub size: u32,
    pub methods: u32,
    pub prefix: sluice_span,
    pub pattern: sluice_span,
    pub body: i32,
    pub flags: u32,
    pub max_body: u64,
    pub head_ns: u64,
    pub idle_ns: u64,
    pub total_ns: u64,
    pub max_inflight: u32,
    pub tag: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_service_ops {
    pub size: u32,
    pub reserved: u32,
    pub mounts: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            out: *mut sluice_list,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub request: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            id: sluice_rid,
            tag: u32,
            request: *const sluice_request,
            body: *const sluice_chunk,
            nbody: usize,
            ctx: *mut *mut c_void,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub body: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            chunks: *const sluice_chunk,
            n: usize,
            flags: u32,
        ) -> sluice_status,
    >,
    pub trailers: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            trailers: sluice_headers,
        ),
    >,
    pub writable: Option<unsafe extern "C" fn(this: *mut c_void, ctx: *mut c_void, id: sluice_rid)>,
    pub cancel:
        Option<unsafe extern "C" fn(this: *mut c_void, ctx: *mut c_void, id: sluice_rid, why: i32)>,
    pub done: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            x: *const sluice_exchange,
        ),
    >,
}

pub const SLUICE_ROLE_FILTER: &[u8] = b"sluice.filter/0\0";
pub type sluice_flow = i32;
pub const SLUICE_GO: i32 = 0;
pub const SLUICE_HOLD: i32 = 1;
pub const SLUICE_STOP: i32 = 2;
pub const SLUICE_ANSWERED: i32 = 3;
pub const SLUICE_SKIP: i32 = 4;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_filter_ops {
    pub size: u32,
    pub wants: u32,
    pub route_new: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            json: sluice_span,
            cfg: *mut *mut c_void,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub route_free: Option<unsafe extern "C" fn(this: *mut c_void, cfg: *mut c_void)>,
    pub open: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            cfg: *mut c_void,
            id: sluice_rid,
            request: *const sluice_request,
            ctx: *mut *mut c_void,
        ) -> sluice_flow,
    >,
    pub body: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            side: u32,
            chunks: *const sluice_chunk,
            n: usize,
            flags: u32,
        ) -> sluice_flow,
    >,
    pub response: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            status: i32,
            headers: sluice_headers,
            flags: u32,
        ) -> sluice_flow,
    >,
    pub trailers: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            side: u32,
            trailers: sluice_headers,
        ) -> sluice_flow,
    >,
    pub close: Option<
        unsafe extern "C" fn(
            this: *mut c_void,
            ctx: *mut c_void,
            id: sluice_rid,
            x: *const sluice_exchange,
        ),
    >,
}

pub const SLUICE_WANTS_REQUEST_BODY: u32 = 1;
pub const SLUICE_WANTS_RESPONSE: u32 = 2;
pub const SLUICE_WANTS_RESPONSE_BODY: u32 = 4;
pub const SLUICE_WANTS_TRAILERS: u32 = 8;
pub const SLUICE_ROLE_SOURCE: &[u8] = b"sluice.source/0\0";
pub const SLUICE_IF_ROUTING: &[u8] = b"sluice.routing/0\0";

/// Opaque.
#[repr(C)]
pub struct sluice_txn {
    _private: [u8; 0],
}

pub const SLUICE_ISSUE_WARNING: i32 = 0;
pub const SLUICE_ISSUE_OBJECT: i32 = 1;
pub const SLUICE_ISSUE_SNAPSHOT: i32 = 2;
pub const SLUICE_ISSUE_CLEARED: i32 = 3;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_issue {
    pub size: u32,
    pub severity: i32,
    pub kind: sluice_span,
    pub name: sluice_span,
    pub code: sluice_span,
    pub pointer: sluice_span,
    pub r#where: sluice_span,
    pub source: sluice_span,
    pub text: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_origin {
    pub size: u32,
    pub reserved: u32,
    pub pointer: sluice_span,
    pub r#where: sluice_span,
    pub source: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_document {
    pub size: u32,
    pub reserved: u32,
    pub kind: sluice_span,
    pub name: sluice_span,
    pub json: sluice_span,
    pub r#where: sluice_span,
    pub origins: sluice_list,
}

pub const SLUICE_TXN_RESYNC: u32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_routing_api {
    pub begin: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            revision: sluice_span,
            flags: u32,
            out: *mut *mut sluice_txn,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub put: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            document: *const sluice_document,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub keep: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            kind: sluice_span,
            name: sluice_span,
        ) -> sluice_status,
    >,
    pub remove: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            kind: sluice_span,
            name: sluice_span,
        ) -> sluice_status,
    >,
    pub note: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            key: sluice_span,
            issue: *const sluice_issue,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub unnote: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            key: sluice_span,
        ) -> sluice_status,
    >,
    pub commit: Option<
        unsafe extern "C" fn(
            this: *const sluice_routing_api,
            txn: *mut sluice_txn,
            issue: Option<unsafe extern "C" fn(ctx: *mut c_void, issue: *const sluice_issue)>,
            committed: Option<
                unsafe extern "C" fn(ctx: *mut c_void, status: sluice_status, generation: u64),
            >,
            ctx: *mut c_void,
        ) -> sluice_status,
    >,
    pub abandon:
        Option<unsafe extern "C" fn(this: *const sluice_routing_api, txn: *mut sluice_txn)>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_source_ops {
    pub size: u32,
    pub required: u32,
    pub resync:
        Option<unsafe extern "C" fn(this: *mut c_void, err: *mut sluice_error) -> sluice_status>,
    pub installed: Option<unsafe extern "C" fn(this: *mut c_void, generation: u64, settled: u32)>,
}

pub const SLUICE_ROLE_ADMIN: &[u8] = b"sluice.admin/0\0";

/// Opaque.
#[repr(C)]
pub struct sluice_reply {
    _private: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_reply_api {
    pub text:
        Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: sluice_span)>,
    pub number: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: f64)>,
    pub integer: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: i64)>,
    pub boolean: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: i32)>,
    pub json:
        Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, value: sluice_span)>,
    pub push: Option<unsafe extern "C" fn(r: *mut sluice_reply, key: sluice_span, array: i32)>,
    pub pop: Option<unsafe extern "C" fn(r: *mut sluice_reply)>,
    pub fail: Option<unsafe extern "C" fn(r: *mut sluice_reply, message: sluice_span)>,
}

pub const SLUICE_IF_REPLY: &[u8] = b"sluice.reply/0\0";

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_param {
    pub size: u32,
    pub optional: u32,
    pub name: sluice_span,
    pub doc: sluice_span,
    pub fallback: sluice_span,
}

pub const SLUICE_OP_READ: i32 = 0;
pub const SLUICE_OP_WRITE: i32 = 1;
pub const SLUICE_OPERATION_POOL: u32 = 1;
pub const SLUICE_OPERATION_OBJECT: u32 = 2;

pub type sluice_object_fn = Option<
    unsafe extern "C" fn(
        *mut c_void,
        sluice_span,
        sluice_span,
        *mut sluice_reply,
    ) -> sluice_status,
>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_op {
    pub size: u32,
    pub access: i32,
    pub name: sluice_span,
    pub doc: sluice_span,
    pub signature: *const c_char,
    pub params: sluice_list,
    pub r#fn: sluice_fn,
    pub flags: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_admin_ops {
    pub size: u32,
    pub reserved: u32,
    pub operations:
        Option<unsafe extern "C" fn(this: *mut c_void, out: *mut sluice_list) -> sluice_status>,
    pub dump:
        Option<unsafe extern "C" fn(this: *mut c_void, out: *mut sluice_reply) -> sluice_status>,
}
