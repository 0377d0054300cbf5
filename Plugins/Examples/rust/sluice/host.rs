//! The tables for every plugin: section 4 of sluice.h.
use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

pub const SLUICE_IF_BYTES: &[u8] = b"sluice.bytes/0\0";

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_bytes_api {
    pub retain: Option<unsafe extern "C" fn(buf: *mut sluice_buf)>,
    pub release: Option<unsafe extern "C" fn(buf: *mut sluice_buf)>,
    pub wrap: Option<
        unsafe extern "C" fn(
            owner: *const sluice_host,
            bytes: sluice_span,
            release: sluice_release,
            ctx: *mut c_void,
            out: *mut *mut sluice_buf,
        ) -> sluice_status,
    >,
    pub copy: Option<
        unsafe extern "C" fn(bytes: sluice_span, out: *mut *mut sluice_buf) -> sluice_status,
    >,
    pub view: Option<unsafe extern "C" fn(buf: *mut sluice_buf) -> sluice_span>,
}

pub const SLUICE_IF_LOG: &[u8] = b"sluice.log/0\0";
pub const SLUICE_LOG_TRACE: i32 = 0;
pub const SLUICE_LOG_DEBUG: i32 = 1;
pub const SLUICE_LOG_INFO: i32 = 2;
pub const SLUICE_LOG_WARN: i32 = 3;
pub const SLUICE_LOG_ERROR: i32 = 4;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_log_api {
    pub threshold: *const u8,
    pub write: Option<
        unsafe extern "C" fn(
            this: *const sluice_log_api,
            level: i32,
            message: sluice_span,
            fields: *const sluice_field,
            nfields: usize,
        ),
    >,
}

pub const SLUICE_IF_METRICS: &[u8] = b"sluice.metrics/0\0";
pub const SLUICE_METRIC_COUNTER: i32 = 0;
pub const SLUICE_METRIC_GAUGE: i32 = 1;
pub const SLUICE_METRIC_HISTOGRAM: i32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_metric_def {
    pub size: u32,
    pub kind: i32,
    pub name: sluice_span,
    pub help: sluice_span,
    pub unit: sluice_span,
    pub labels: *const sluice_span,
    pub nlabels: u32,
    pub max_series: u32,
    pub buckets: *const f64,
    pub nbuckets: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_cell {
    pub value: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_metrics_api {
    pub define: Option<
        unsafe extern "C" fn(
            this: *const sluice_metrics_api,
            def: *const sluice_metric_def,
            id: *mut u32,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub cell: Option<
        unsafe extern "C" fn(
            this: *const sluice_metrics_api,
            id: u32,
            values: *const sluice_span,
            nvalues: usize,
            out: *mut *mut sluice_cell,
        ) -> sluice_status,
    >,
    pub observe: Option<
        unsafe extern "C" fn(
            this: *const sluice_metrics_api,
            histogram: *mut sluice_cell,
            value: f64,
        ),
    >,
}

pub const SLUICE_IF_HEALTH: &[u8] = b"sluice.health/0\0";
pub const SLUICE_HEALTH_STARTING: i32 = 0;
pub const SLUICE_HEALTH_READY: i32 = 1;
pub const SLUICE_HEALTH_DEGRADED: i32 = 2;
pub const SLUICE_HEALTH_FAILED: i32 = 3;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_health_api {
    pub report: Option<
        unsafe extern "C" fn(
            this: *const sluice_health_api,
            component: sluice_span,
            state: i32,
            message: sluice_span,
        ) -> sluice_status,
    >,
    pub beat: Option<
        unsafe extern "C" fn(
            this: *const sluice_health_api,
            component: sluice_span,
            max_gap_ns: u64,
        ) -> sluice_status,
    >,
}

pub const SLUICE_IF_EXEC: &[u8] = b"sluice.exec/0\0";

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_exec_api {
    pub now_ns: Option<unsafe extern "C" fn(this: *const sluice_exec_api) -> u64>,
    pub here: Option<unsafe extern "C" fn(this: *const sluice_exec_api) -> i32>,
    pub post: Option<
        unsafe extern "C" fn(
            this: *const sluice_exec_api,
            r#fn: sluice_task,
            ctx: *mut c_void,
        ) -> sluice_status,
    >,
    pub blocking: Option<
        unsafe extern "C" fn(
            this: *const sluice_exec_api,
            work: sluice_work,
            done: sluice_task,
            ctx: *mut c_void,
        ) -> sluice_status,
    >,
    pub timer: Option<
        unsafe extern "C" fn(
            this: *const sluice_exec_api,
            first_ns: u64,
            repeat_ns: u64,
            r#fn: sluice_task,
            ctx: *mut c_void,
            id: *mut sluice_tid,
        ) -> sluice_status,
    >,
    pub watch_fd: Option<
        unsafe extern "C" fn(
            this: *const sluice_exec_api,
            fd: i32,
            events: u32,
            r#fn: sluice_ready,
            ctx: *mut c_void,
            id: *mut sluice_tid,
        ) -> sluice_status,
    >,
    pub cancel:
        Option<unsafe extern "C" fn(this: *const sluice_exec_api, id: sluice_tid) -> sluice_status>,
    pub drained: Option<unsafe extern "C" fn(this: *const sluice_exec_api)>,
    pub stopped: Option<unsafe extern "C" fn(this: *const sluice_exec_api)>,
}

pub const SLUICE_IF_CLIENT: &[u8] = b"sluice.client/0\0";
pub const SLUICE_CALL_STREAM_BODY: u32 = 1;
pub const SLUICE_CALL_FOLLOW: u32 = 2;
pub const SLUICE_CALL_H2: u32 = 4;
pub const SLUICE_CALL_UPGRADE: u32 = 8;
pub const SLUICE_CALL_H2C: u32 = 16;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_call {
    pub size: u32,
    pub flags: u32,
    pub method: sluice_span,
    pub url: sluice_span,
    pub tls_profile: sluice_span,
    pub bearer_file: sluice_span,
    pub headers: sluice_headers,
    pub body: *const sluice_chunk,
    pub nbody: usize,
    pub connect_ns: u64,
    pub head_ns: u64,
    pub idle_ns: u64,
    pub total_ns: u64,
    pub max_body: u64,
}

pub const SLUICE_FAIL_NONE: i32 = 0;
pub const SLUICE_FAIL_CANCELED: i32 = 1;
pub const SLUICE_FAIL_RESOLVE: i32 = 2;
pub const SLUICE_FAIL_CONNECT: i32 = 3;
pub const SLUICE_FAIL_TLS: i32 = 4;
pub const SLUICE_FAIL_RESET: i32 = 5;
pub const SLUICE_FAIL_PROTOCOL: i32 = 6;
pub const SLUICE_FAIL_LIMIT: i32 = 7;
pub const SLUICE_FAIL_DENIED: i32 = 8;
pub const SLUICE_FAIL_TIMEOUT_CONNECT: i32 = 9;
pub const SLUICE_FAIL_TIMEOUT_HEAD: i32 = 10;
pub const SLUICE_FAIL_TIMEOUT_IDLE: i32 = 11;
pub const SLUICE_FAIL_TIMEOUT_TOTAL: i32 = 12;
pub const SLUICE_FAIL_FILE: i32 = 13;
pub const SLUICE_FAIL_INTERNAL: i32 = 14;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_call_result {
    pub size: u32,
    pub outcome: sluice_status,
    pub failed: i32,
    pub maybe_sent: i32,
    pub http_status: i32,
    pub attempts: u32,
    pub connect_ns: u64,
    pub head_ns: u64,
    pub total_ns: u64,
    pub rx_bytes: u64,
    pub tx_bytes: u64,
    pub detail: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_call_events {
    pub size: u32,
    pub reserved: u32,
    pub head: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            id: sluice_cid,
            http_status: i32,
            headers: sluice_headers,
        ),
    >,
    pub body: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            id: sluice_cid,
            chunks: *const sluice_chunk,
            n: usize,
        ) -> sluice_status,
    >,
    pub writable: Option<unsafe extern "C" fn(ctx: *mut c_void, id: sluice_cid)>,
    pub end: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            id: sluice_cid,
            trailers: sluice_headers,
            result: *const sluice_call_result,
        ),
    >,
}

pub const SLUICE_TLS_INSECURE: u32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_tls_profile {
    pub size: u32,
    pub flags: u32,
    pub name: sluice_span,
    pub ca_pem: sluice_span,
    pub cert_pem: sluice_span,
    pub key_pem: sluice_span,
    pub server_name: sluice_span,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct sluice_client_api {
    pub send: Option<
        unsafe extern "C" fn(
            this: *const sluice_client_api,
            call: *const sluice_call,
            events: *const sluice_call_events,
            ctx: *mut c_void,
            id: *mut sluice_cid,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
    pub write: Option<
        unsafe extern "C" fn(
            this: *const sluice_client_api,
            id: sluice_cid,
            chunks: *const sluice_chunk,
            n: usize,
            flags: u32,
        ) -> sluice_status,
    >,
    pub resume: Option<
        unsafe extern "C" fn(this: *const sluice_client_api, id: sluice_cid) -> sluice_status,
    >,
    pub cancel: Option<
        unsafe extern "C" fn(this: *const sluice_client_api, id: sluice_cid) -> sluice_status,
    >,
    pub profile: Option<
        unsafe extern "C" fn(
            this: *const sluice_client_api,
            profile: *const sluice_tls_profile,
            err: *mut sluice_error,
        ) -> sluice_status,
    >,
}

impl sluice_cell {
    /// Adds to a counter; returns what it was.
    ///
    /// # Safety
    /// `cell` comes from `sluice_metrics_api.cell`, and the instance is not destroyed.
    pub unsafe fn add(cell: *mut sluice_cell, n: u64) -> u64 {
        (*(cell as *const AtomicU64)).fetch_add(n, Ordering::Relaxed)
    }

    /// Reads a counter or a gauge.
    ///
    /// # Safety
    /// As for `add`.
    pub unsafe fn read(cell: *const sluice_cell) -> u64 {
        (*(cell as *const AtomicU64)).load(Ordering::Relaxed)
    }
}
