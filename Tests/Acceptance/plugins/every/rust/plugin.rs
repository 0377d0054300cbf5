//! every, in Rust: the entry, the life cycle and the tables of the roles.

use super::sluice::*;
use super::{drained, every, sized, stopped, Every};
use std::ffi::{c_void, CStr};
use std::mem::size_of;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;

/// Runs `body`; a panic becomes a failure.
fn guarded(body: impl FnOnce() -> sluice_status) -> sluice_status {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(SLUICE_E_INTERNAL)
}

unsafe extern "C" fn create(
    host: *const sluice_host,
    instance: *const sluice_instance,
    this: *mut *mut c_void,
    _err: *mut sluice_error,
) -> sluice_status {
    guarded(|| {
        *this = Box::into_raw(Box::new(make(&*host, &*instance))) as *mut c_void;
        SLUICE_OK
    })
}

unsafe fn make(host: &'static sluice_host, instance: &sluice_instance) -> Every {
    let mut missing = Vec::new();
    let mut find = |id: &[u8]| {
        let found = host.find.unwrap()(host, id.as_ptr() as *const c_char);
        if found.is_null() {
            missing.push(String::from_utf8_lossy(&id[..id.len() - 1]).into_owned());
        }
        found
    };
    let owned = |span: sluice_span| String::from_utf8_lossy(span.bytes()).into_owned();
    let mut mount: sluice_mount = sized();
    (mount.prefix, mount.body) = (sluice_span::text("/every/"), SLUICE_BODY_STREAM);
    Every {
        host,
        bytes: (find(SLUICE_IF_BYTES) as *const sluice_bytes_api).as_ref(),
        log: (find(SLUICE_IF_LOG) as *const sluice_log_api).as_ref(),
        metrics: (find(SLUICE_IF_METRICS) as *const sluice_metrics_api).as_ref(),
        health: (find(SLUICE_IF_HEALTH) as *const sluice_health_api).as_ref(),
        exec: (find(SLUICE_IF_EXEC) as *const sluice_exec_api).as_ref(),
        client: (find(SLUICE_IF_CLIENT) as *const sluice_client_api).as_ref(),
        routing: (find(SLUICE_IF_ROUTING) as *const sluice_routing_api).as_ref(),
        http: (find(SLUICE_IF_HTTP) as *const sluice_http_api).as_ref(),
        reply: (find(SLUICE_IF_REPLY) as *const sluice_reply_api).as_ref(),
        config_dir: owned(instance.config_dir),
        state_dir: owned(instance.state_dir),
        missing,
        mounts: [mount],
        operations: [operation("every", every_operation), operation("fails", every_failing)],
        entries: Default::default(),
        watch: Default::default(),
        streamed: Default::default(),
    }
}

type Operation = unsafe extern "C" fn(*mut c_void, *mut sluice_reply) -> sluice_status;

unsafe fn operation(name: &'static str, function: Operation) -> sluice_op {
    let mut op: sluice_op = sized();
    op.name = sluice_span::text(name);
    op.doc = sluice_span::text("Calls entries of sluice.reply.");
    op.signature = b"i(J)\0".as_ptr() as *const c_char;
    op.r#fn = Some(std::mem::transmute(function));
    op
}

unsafe extern "C" fn every_operation(this: *mut c_void, out: *mut sluice_reply) -> sluice_status {
    guarded(|| every(this).operation(out))
}

unsafe extern "C" fn every_failing(this: *mut c_void, out: *mut sluice_reply) -> sluice_status {
    guarded(|| every(this).failing(out))
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Every));
}

unsafe extern "C" fn start(this: *mut c_void, _err: *mut sluice_error) -> sluice_status {
    guarded(|| {
        every(this).start();
        SLUICE_OK
    })
}

/// Runs `task` on the lane, later.
unsafe fn later(this: *mut c_void, task: sluice_task) -> sluice_status {
    let exec = every(this).exec.unwrap();
    match exec.post.unwrap()(exec, task, this) {
        0.. => SLUICE_PENDING,
        _ => SLUICE_OK,
    }
}

unsafe extern "C" fn drain(this: *mut c_void, _deadline_ns: u64) -> sluice_status {
    guarded(|| later(this, Some(drained)))
}

unsafe extern "C" fn stop(this: *mut c_void, _deadline_ns: u64) -> sluice_status {
    guarded(|| later(this, Some(stopped)))
}

unsafe extern "C" fn mounts(
    this: *mut c_void,
    out: *mut sluice_list,
    _err: *mut sluice_error,
) -> sluice_status {
    *out = sluice_list::of(&every(this).mounts);
    SLUICE_OK
}

unsafe extern "C" fn request(
    this: *mut c_void,
    id: sluice_rid,
    _tag: u32,
    request: *const sluice_request,
    _body: *const sluice_chunk,
    _nbody: usize,
    _ctx: *mut *mut c_void,
    _err: *mut sluice_error,
) -> sluice_status {
    guarded(|| every(this).request(id, (*request).suffix.bytes()))
}

unsafe extern "C" fn body(
    this: *mut c_void,
    _ctx: *mut c_void,
    id: sluice_rid,
    _chunks: *const sluice_chunk,
    _n: usize,
    flags: u32,
) -> sluice_status {
    guarded(|| every(this).body(id, flags))
}

unsafe extern "C" fn open(
    this: *mut c_void,
    _cfg: *mut c_void,
    id: sluice_rid,
    _request: *const sluice_request,
    _ctx: *mut *mut c_void,
) -> sluice_flow {
    guarded(|| {
        every(this).open(id);
        SLUICE_GO
    })
}

unsafe extern "C" fn filter_body(
    this: *mut c_void,
    _ctx: *mut c_void,
    id: sluice_rid,
    side: u32,
    _chunks: *const sluice_chunk,
    _n: usize,
    flags: u32,
) -> sluice_flow {
    guarded(|| every(this).filter_body(id, side, flags))
}

unsafe extern "C" fn response(
    this: *mut c_void,
    _ctx: *mut c_void,
    id: sluice_rid,
    _status: i32,
    _headers: sluice_headers,
    _flags: u32,
) -> sluice_flow {
    guarded(|| {
        every(this).response(id);
        SLUICE_GO
    })
}

unsafe extern "C" fn closed(
    _this: *mut c_void,
    _ctx: *mut c_void,
    _id: sluice_rid,
    _x: *const sluice_exchange,
) {
}

unsafe extern "C" fn resync(_this: *mut c_void, _err: *mut sluice_error) -> sluice_status {
    SLUICE_OK
}

unsafe extern "C" fn operations(this: *mut c_void, out: *mut sluice_list) -> sluice_status {
    *out = sluice_list::of(&every(this).operations);
    SLUICE_OK
}

unsafe extern "C" fn role(_this: *mut c_void, role_id: *const c_char) -> *const c_void {
    let id = CStr::from_ptr(role_id).to_bytes_with_nul();
    if id == SLUICE_ROLE_SERVICE {
        &SERVICE.0 as *const sluice_service_ops as *const c_void
    } else if id == SLUICE_ROLE_FILTER {
        &FILTER.0 as *const sluice_filter_ops as *const c_void
    } else if id == SLUICE_ROLE_SOURCE {
        &SOURCE.0 as *const sluice_source_ops as *const c_void
    } else if id == SLUICE_ROLE_ADMIN {
        &ADMIN.0 as *const sluice_admin_ops as *const c_void
    } else {
        null()
    }
}

/// A table or a description: written by the compiler, read by the host.
struct Fixed<T>(T);
unsafe impl<T> Sync for Fixed<T> {}

static SERVICE: Fixed<sluice_service_ops> = Fixed(sluice_service_ops {
    size: size_of::<sluice_service_ops>() as u32,
    reserved: 0,
    mounts: Some(mounts),
    request: Some(request),
    body: Some(body),
    trailers: None,
    writable: None,
    cancel: None,
    done: None,
});

static FILTER: Fixed<sluice_filter_ops> = Fixed(sluice_filter_ops {
    size: size_of::<sluice_filter_ops>() as u32,
    wants: SLUICE_WANTS_REQUEST_BODY | SLUICE_WANTS_RESPONSE,
    route_new: None,
    route_free: None,
    open: Some(open),
    body: Some(filter_body),
    response: Some(response),
    trailers: None,
    close: Some(closed),
});

static SOURCE: Fixed<sluice_source_ops> = Fixed(sluice_source_ops {
    size: size_of::<sluice_source_ops>() as u32,
    required: 0,
    resync: Some(resync),
    installed: None,
});

static ADMIN: Fixed<sluice_admin_ops> = Fixed(sluice_admin_ops {
    size: size_of::<sluice_admin_ops>() as u32,
    reserved: 0,
    operations: Some(operations),
    dump: None,
});

static OPS: Fixed<sluice_plugin_ops> = Fixed(sluice_plugin_ops {
    size: size_of::<sluice_plugin_ops>() as u32,
    reserved: 0,
    check_config: None,
    create: Some(create),
    traits: None,
    role: Some(role),
    start: Some(start),
    reconfigure: None,
    drain: Some(drain),
    stop: Some(stop),
    destroy: Some(destroy),
});

static DESCRIPTION: Fixed<sluice_plugin_desc> = Fixed(sluice_plugin_desc {
    size: size_of::<sluice_plugin_desc>() as u32,
    flags: 0,
    stamp: STAMP,
    needs_minor: 0,
    reserved: 0,
    id: sluice_span::text("org.example.every-rust"),
    version: sluice_span::text("0.1.0"),
    summary: sluice_span::text("Calls every entry."),
    config_schema: sluice_span::ABSENT,
    route_schema: sluice_span::text("{\"type\":\"object\"}"),
    requires_ids: sluice_list { items: null(), count: 0, stride: 0 },
    ops: &OPS.0,
});

#[no_mangle]
pub extern "C" fn sluice_plugin_entry(
    _hello: *const sluice_hello,
    _err: *mut sluice_error,
) -> *const sluice_plugin_desc {
    &DESCRIPTION.0
}
