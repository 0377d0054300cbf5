package main

/*
#include "calls.h"
*/
import "C"

import "unsafe"

func (e *every) callBytes() {
	t := e.bytes
	if t == nil {
		return
	}
	var copied, wrapped *C.sluice_buf
	e.status("bytes.copy", t.copy != nil, func() C.sluice_status {
		return C.sluice_bytes_copy(t, text("copied"), &copied)
	})
	e.status("bytes.view", t.view != nil, func() C.sluice_status {
		return right(goText(C.sluice_bytes_view(t, copied)) == "copied")
	})
	e.nothing("bytes.retain", t.retain != nil, func() { C.sluice_bytes_retain(t, copied) })
	e.later("bytes.wrap", t.wrap != nil, func() C.sluice_status {
		return C.every_wrap(t, e.host, text("wrapped"), e.handle, &wrapped)
	})
	e.nothing("bytes.release", t.release != nil, func() {
		C.sluice_bytes_release(t, wrapped)
		C.sluice_bytes_release(t, copied)
		C.sluice_bytes_release(t, copied)
	})
}

func (e *every) callLogAndMetrics() {
	if t := e.log; t != nil {
		e.nothing("log.write", t.write != nil, func() {
			C.sluice_log_write(t, C.SLUICE_LOG_INFO, text("every entry is called"), C.every_field(), 1)
		})
	}
	t := e.metrics
	if t == nil {
		return
	}
	var id C.uint32_t
	var cell *C.sluice_cell
	e.status("metrics.define", t.define != nil, func() C.sluice_status {
		return C.sluice_metrics_define(t, C.every_metric(), &id, nil)
	})
	e.status("metrics.cell", t.cell != nil, func() C.sluice_status {
		return C.sluice_metrics_cell(t, id, nil, 0, &cell)
	})
	e.nothing("metrics.observe", t.observe != nil, func() { C.sluice_metrics_observe(t, cell, 1.5) })
}

func (e *every) callHealth() {
	t := e.health
	if t == nil {
		return
	}
	component := text("every")
	e.status("health.report", t.report != nil, func() C.sluice_status {
		return C.sluice_health_report(t, component, C.SLUICE_HEALTH_READY, text("ready"))
	})
	e.status("health.beat", t.beat != nil, func() C.sluice_status {
		return C.sluice_health_beat(t, component, C.SLUICE_NEVER)
	})
}

func (e *every) callExec() {
	t := e.exec
	if t == nil {
		return
	}
	e.status("exec.now_ns", t.now_ns != nil, func() C.sluice_status {
		return right(C.sluice_exec_now_ns(t) > 0)
	})
	e.status("exec.here", t.here != nil, func() C.sluice_status {
		return right(C.sluice_exec_here(t) == C.SLUICE_ON_LANE)
	})
	e.later("exec.post", t.post != nil, func() C.sluice_status {
		return C.sluice_exec_post(t, C.every_posted(), C.every_pointer(e.handle))
	})
	e.later("exec.blocking", t.blocking != nil, func() C.sluice_status {
		return C.every_blocking(t, e.handle)
	})
	e.later("exec.timer", t.timer != nil, func() C.sluice_status { return C.every_timer(t, e.handle) })
	e.later("exec.watch_fd", t.watch_fd != nil, func() C.sluice_status {
		return C.every_watch(t, e.handle, &e.watch)
	})
}

func (e *every) put(txn *C.sluice_txn, kind string) {
	if content, isThere := e.file(kind + ".json"); isThere {
		e.status("routing.put", e.routing.put != nil, func() C.sluice_status {
			return C.sluice_routing_put(e.routing, txn, C.every_document(text(kind), text(content)), nil)
		})
	}
}

func (e *every) callRouting() {
	t := e.routing
	if t == nil {
		return
	}
	var txn *C.sluice_txn
	pool, none := text("pool"), text("nothing")
	e.status("routing.begin", t.begin != nil, func() C.sluice_status {
		return C.sluice_routing_begin(t, text("dropped"), 0, &txn, nil)
	})
	e.nothing("routing.abandon", t.abandon != nil, func() { C.sluice_routing_abandon(t, txn) })
	e.later("routing.begin", t.begin != nil, func() C.sluice_status {
		return C.sluice_routing_begin(t, text("kept"), C.SLUICE_TXN_RESYNC, &txn, nil)
	})
	for _, kind := range []string{"listener", "pool", "route"} {
		e.put(txn, kind)
	}
	e.status("routing.keep", t.keep != nil, func() C.sluice_status {
		return C.sluice_routing_keep(t, txn, pool, none)
	})
	e.status("routing.remove", t.remove != nil, func() C.sluice_status {
		return C.sluice_routing_remove(t, txn, pool, none)
	})
	e.status("routing.note", t.note != nil, func() C.sluice_status {
		return C.sluice_routing_note(t, txn, text("key"), C.every_issue(), nil)
	})
	e.status("routing.unnote", t.unnote != nil, func() C.sluice_status {
		return C.sluice_routing_unnote(t, txn, text("key"))
	})
	e.later("routing.commit", t.commit != nil, func() C.sluice_status {
		return C.every_commit(t, txn, e.handle)
	})
}

func (e *every) callClient() {
	t := e.client
	if t == nil {
		return
	}
	var id C.sluice_cid
	origin, _ := e.file("origin")
	e.status("client.profile", t.profile != nil, func() C.sluice_status {
		return C.sluice_client_profile(t, C.every_profile(), nil)
	})
	e.later("client.send", t.send != nil, func() C.sluice_status {
		return C.every_send(t, text(origin), e.handle, &id)
	})
	e.status("client.write", t.write != nil, func() C.sluice_status {
		return C.sluice_client_write(t, id, C.every_piece(text("piece")), 1, 0)
	})
	e.status("client.resume", t.resume != nil, func() C.sluice_status {
		return C.sluice_client_resume(t, id)
	})
	e.status("client.cancel", t.cancel != nil, func() C.sluice_status {
		return C.sluice_client_cancel(t, id)
	})
}

// look reports members that nothing reaches while they are NULL.
func (e *every) look() {
	t := e.http
	if t == nil {
		return
	}
	members := map[string]bool{
		"header_set": t.header_set != nil, "header_add": t.header_add != nil,
		"header_remove": t.header_remove != nil, "path_set": t.path_set != nil,
		"status_set": t.status_set != nil, "body_set": t.body_set != nil, "held": t.held != nil,
	}
	for name, isThere := range members {
		if !isThere {
			e.note("http."+name, nil)
		}
	}
}

func (e *every) respond(id C.sluice_rid, code C.int32_t, body string) {
	e.status("http.respond", e.http.respond != nil, func() C.sluice_status {
		return C.sluice_http_respond(e.http, id, C.every_answer(code, text(body)), nil)
	})
}

func (e *every) request(id C.sluice_rid, suffix string) C.sluice_status {
	t := e.http
	none := C.sluice_headers{}
	switch suffix {
	case "report":
		e.respond(id, 200, e.json())
	case "whole":
		e.whole(id)
	case "pieces":
		e.status("http.inform", t.inform != nil, func() C.sluice_status {
			return C.sluice_http_inform(t, id, 103, none, nil)
		})
		e.status("http.begin", t.begin != nil, func() C.sluice_status {
			return C.sluice_http_begin(t, id, 200, none, nil)
		})
		e.streamed = id
		return C.SLUICE_PENDING
	case "abort":
		e.status("http.abort", t.abort != nil, func() C.sluice_status {
			return C.sluice_http_abort(t, id, text("wanted"))
		})
	case "forward":
		return e.forward(id)
	default:
		return C.SLUICE_DECLINED
	}
	return C.SLUICE_OK
}

func (e *every) whole(id C.sluice_rid) {
	t := e.http
	e.status("http.header", t.header != nil, func() C.sluice_status {
		seen := C.sluice_http_header(t, id, C.SLUICE_REQUEST, text("x-every"), 0)
		return right(goText(seen) == "yes")
	})
	e.status("http.deadline", t.deadline != nil, func() C.sluice_status {
		return C.sluice_http_deadline(t, id, C.sluice_exec_now_ns(e.exec)+60_000_000_000)
	})
	e.respond(id, 200, "whole")
}

func (e *every) forward(id C.sluice_rid) C.sluice_status {
	isThere := e.http.forward != nil
	e.status("http.forward", isThere, func() C.sluice_status {
		return C.sluice_http_forward(e.http, id, C.every_target(), nil)
	})
	if isThere {
		return C.SLUICE_PENDING
	}
	e.respond(id, 501, "no forward")
	return C.SLUICE_OK
}

func (e *every) body(id C.sluice_rid, flags C.uint32_t) C.sluice_status {
	t := e.http
	if id != e.streamed {
		return C.SLUICE_OK
	}
	e.status("http.write", t.write != nil, func() C.sluice_status {
		return C.sluice_http_write(t, id, C.every_piece(text("piece")), 1, 0)
	})
	if flags&C.SLUICE_END == 0 {
		if C.sluice_exec_post(e.exec, C.every_asked(), C.every_pointer(e.handle)) < 0 {
			return C.SLUICE_OK
		}
		return C.SLUICE_E_AGAIN
	}
	e.status("http.finish", t.finish != nil, func() C.sluice_status {
		return C.sluice_http_finish(t, id, C.sluice_headers{})
	})
	return C.SLUICE_OK
}

func (e *every) open(id C.sluice_rid) {
	t, name, value := e.http, text("x-every"), text("yes")
	e.status("http.header_set", t.header_set != nil, func() C.sluice_status {
		return C.sluice_http_header_set(t, id, C.SLUICE_REQUEST, name, value)
	})
	e.status("http.header_add", t.header_add != nil, func() C.sluice_status {
		return C.sluice_http_header_add(t, id, C.SLUICE_REQUEST, name, value)
	})
	e.status("http.header_remove", t.header_remove != nil, func() C.sluice_status {
		return C.sluice_http_header_remove(t, id, C.SLUICE_REQUEST, text("x-removed"))
	})
	e.status("http.path_set", t.path_set != nil, func() C.sluice_status {
		return C.sluice_http_path_set(t, id, text("/filtered"), C.sluice_span{})
	})
}

func (e *every) filterBody(id C.sluice_rid, side C.uint32_t, flags C.uint32_t) C.sluice_flow {
	t := e.http
	if flags&C.SLUICE_END == 0 {
		return C.SLUICE_HOLD
	}
	e.status("http.held", t.held != nil, func() C.sluice_status {
		count := C.size_t(8)
		out := (*C.sluice_chunk)(C.calloc(count, C.sizeof_sluice_chunk))
		defer C.free(unsafe.Pointer(out))
		return C.sluice_http_held(t, id, side, out, &count)
	})
	e.status("http.body_set", t.body_set != nil, func() C.sluice_status {
		return C.sluice_http_body_set(t, id, side, C.every_piece(text("filtered")), 1)
	})
	return C.SLUICE_GO
}

func (e *every) response(id C.sluice_rid) {
	t := e.http
	e.status("http.status_set", t.status_set != nil, func() C.sluice_status {
		return C.sluice_http_status_set(t, id, 201)
	})
}

func (e *every) operation(out *C.sluice_reply) C.sluice_status {
	t := e.reply
	if t == nil {
		return C.SLUICE_E_UNSUPPORTED
	}
	e.nothing("reply.text", t.text != nil, func() { C.sluice_reply_text(t, out, text("text"), text("a")) })
	e.nothing("reply.number", t.number != nil, func() { C.sluice_reply_number(t, out, text("number"), 1.5) })
	e.nothing("reply.integer", t.integer != nil, func() { C.sluice_reply_integer(t, out, text("integer"), 7) })
	e.nothing("reply.boolean", t.boolean != nil, func() { C.sluice_reply_boolean(t, out, text("boolean"), 1) })
	e.nothing("reply.json", t.json != nil, func() { C.sluice_reply_json(t, out, text("json"), text("[1]")) })
	e.nothing("reply.push", t.push != nil, func() { C.sluice_reply_push(t, out, text("child"), 0) })
	e.nothing("reply.pop", t.pop != nil, func() { C.sluice_reply_pop(t, out) })
	return C.SLUICE_OK
}

func (e *every) failing(out *C.sluice_reply) C.sluice_status {
	t := e.reply
	if t != nil {
		e.nothing("reply.fail", t.fail != nil, func() { C.sluice_reply_fail(t, out, text("wanted")) })
	}
	return C.SLUICE_E_STATE
}
