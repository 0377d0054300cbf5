package main

/*
#include "calls.h"
*/
import "C"

import (
	"os"
	"path/filepath"
	"runtime/cgo"
)

// What the C side calls. Nothing in them panics but by a fault of the test.

func of(self C.uintptr_t) *every { return cgo.Handle(self).Value().(*every) }

//export goCreate
func goCreate(host *C.sluice_host, instance *C.sluice_instance) C.uintptr_t {
	return newEvery(host, instance).handle
}

//export goStart
func goStart(self C.uintptr_t) { of(self).start() }

//export goDestroy
func goDestroy(self C.uintptr_t) { cgo.Handle(self).Delete() }

//export goLater
func goLater(self C.uintptr_t, task C.sluice_task) C.sluice_status {
	if C.sluice_exec_post(of(self).exec, task, C.every_pointer(self)) < 0 {
		return C.SLUICE_OK
	}
	return C.SLUICE_PENDING
}

//export goRequest
func goRequest(self C.uintptr_t, id C.sluice_rid, suffix C.sluice_span) C.sluice_status {
	return of(self).request(id, goText(suffix))
}

//export goBody
func goBody(self C.uintptr_t, id C.sluice_rid, flags C.uint32_t) C.sluice_status {
	return of(self).body(id, flags)
}

//export goOpen
func goOpen(self C.uintptr_t, id C.sluice_rid) { of(self).open(id) }

//export goFilterBody
func goFilterBody(self C.uintptr_t, id C.sluice_rid, side, flags C.uint32_t) C.sluice_flow {
	return of(self).filterBody(id, side, flags)
}

//export goResponse
func goResponse(self C.uintptr_t, id C.sluice_rid) { of(self).response(id) }

//export goOperation
func goOperation(self C.uintptr_t, out *C.sluice_reply) C.sluice_status {
	return of(self).operation(out)
}

//export goFailing
func goFailing(self C.uintptr_t, out *C.sluice_reply) C.sluice_status { return of(self).failing(out) }

//export goReleased
func goReleased(self C.uintptr_t) { of(self).record("bytes.wrap", C.SLUICE_OK) }

//export goPosted
func goPosted(self C.uintptr_t, why C.sluice_status) { of(self).record("exec.post", why) }

//export goWorked
func goWorked(self C.uintptr_t, why C.sluice_status) { of(self).record("exec.blocking", why) }

//export goFired
func goFired(self C.uintptr_t, why C.sluice_status) { of(self).record("exec.timer", why) }

//export goReady
func goReady(self C.uintptr_t) {
	e := of(self)
	e.record("exec.watch_fd", C.SLUICE_OK)
	e.status("exec.cancel", e.exec.cancel != nil, func() C.sluice_status {
		return C.sluice_exec_cancel(e.exec, e.watch)
	})
}

//export goCommitted
func goCommitted(self C.uintptr_t, status C.sluice_status) { of(self).record("routing.commit", status) }

//export goEnded
func goEnded(self C.uintptr_t, outcome C.sluice_status) {
	of(self).record("client.send", right(outcome == C.SLUICE_E_CANCELED))
}

//export goAsked
func goAsked(self C.uintptr_t, why C.sluice_status) {
	e := of(self)
	if why == C.SLUICE_OK {
		e.status("http.resume", e.http.resume != nil, func() C.sluice_status {
			return C.sluice_http_resume(e.http, e.streamed, C.SLUICE_REQUEST)
		})
	}
}

//export goDrained
func goDrained(self C.uintptr_t) {
	e := of(self)
	e.nothing("exec.drained", e.exec.drained != nil, func() { C.sluice_exec_drained(e.exec) })
}

//export goStopped
func goStopped(self C.uintptr_t) {
	e := of(self)
	if e.exec.stopped == nil {
		e.note("exec.stopped", nil)
		return
	}
	e.record("exec.stopped", C.SLUICE_OK)
	// The test finds out when it was not written.
	_ = os.WriteFile(filepath.Join(e.stateDir, "report.json"), []byte(e.json()), 0o600)
	C.sluice_exec_stopped(e.exec)
}
