// every, in Go: see the README one folder up. What needs structs that point to others is in
// calls.c; every entry is called by its function of sluice_call.h.
package main

/*
#cgo pkg-config: sluice
#include "calls.h"
*/
import "C"

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/cgo"
	"sync"
	"unsafe"
)

type every struct {
	handle    C.uintptr_t
	host      *C.sluice_host
	bytes     *C.sluice_bytes_api
	log       *C.sluice_log_api
	metrics   *C.sluice_metrics_api
	health    *C.sluice_health_api
	exec      *C.sluice_exec_api
	client    *C.sluice_client_api
	routing   *C.sluice_routing_api
	http      *C.sluice_http_api
	reply     *C.sluice_reply_api
	configDir string
	stateDir  string
	watch     C.sluice_tid
	streamed  C.sluice_rid

	lock   sync.Mutex // workers record too
	report report
}

type report struct {
	Missing []string `json:"missing"`
	// nil: the member is NULL.
	Entries map[string]*C.sluice_status `json:"entries"`
}

// note keeps the first result of an entry.
func (e *every) note(name string, status *C.sluice_status) {
	e.lock.Lock()
	defer e.lock.Unlock()
	if _, known := e.report.Entries[name]; !known {
		e.report.Entries[name] = status
	}
}

func (e *every) record(name string, status C.sluice_status) {
	e.note(name, &status)
}

// status calls a member that is there, and reports what call answers; one that is NULL is reported.
func (e *every) status(name string, isThere bool, call func() C.sluice_status) {
	if !isThere {
		e.note(name, nil)
		return
	}
	e.record(name, call())
}

// nothing is status for a member that answers nothing.
func (e *every) nothing(name string, isThere bool, call func()) {
	e.status(name, isThere, func() C.sluice_status {
		call()
		return C.SLUICE_OK
	})
}

// later is status for a member whose result comes with a callback, unless the call fails.
func (e *every) later(name string, isThere bool, call func() C.sluice_status) {
	if !isThere {
		e.note(name, nil)
	} else if status := call(); status < 0 {
		e.record(name, status)
	}
}

func right(holds bool) C.sluice_status {
	if holds {
		return C.SLUICE_OK
	}
	return C.SLUICE_E_INTERNAL
}

// text is a span in C's memory, for the life of the process: Go may not hand over a struct that
// points to its own.
func text(words string) C.sluice_span {
	return C.sluice_text(C.CString(words))
}

func (e *every) file(name string) (string, bool) {
	content, err := os.ReadFile(filepath.Join(e.configDir, "every", name))
	return string(content), err == nil
}

func (e *every) json() string {
	e.lock.Lock()
	defer e.lock.Unlock()
	content, err := json.Marshal(e.report)
	if err != nil {
		return err.Error()
	}
	return string(content)
}

func newEvery(host *C.sluice_host, instance *C.sluice_instance) *every {
	e := &every{host: host, configDir: goText(instance.config_dir), stateDir: goText(instance.state_dir)}
	e.report = report{Missing: []string{}, Entries: map[string]*C.sluice_status{}}
	find := func(id string) unsafe.Pointer {
		found := C.sluice_host_find(host, C.CString(id))
		if found == nil {
			e.report.Missing = append(e.report.Missing, id)
		}
		return found
	}
	e.bytes = (*C.sluice_bytes_api)(find(C.SLUICE_IF_BYTES))
	e.log = (*C.sluice_log_api)(find(C.SLUICE_IF_LOG))
	e.metrics = (*C.sluice_metrics_api)(find(C.SLUICE_IF_METRICS))
	e.health = (*C.sluice_health_api)(find(C.SLUICE_IF_HEALTH))
	e.exec = (*C.sluice_exec_api)(find(C.SLUICE_IF_EXEC))
	e.client = (*C.sluice_client_api)(find(C.SLUICE_IF_CLIENT))
	e.routing = (*C.sluice_routing_api)(find(C.SLUICE_IF_ROUTING))
	e.http = (*C.sluice_http_api)(find(C.SLUICE_IF_HTTP))
	e.reply = (*C.sluice_reply_api)(find(C.SLUICE_IF_REPLY))
	e.handle = C.uintptr_t(cgo.NewHandle(e))
	return e
}

func goText(span C.sluice_span) string {
	return C.GoStringN((*C.char)(unsafe.Pointer(span.data)), C.int(span.len))
}

func (e *every) start() {
	found := C.sluice_host_find(e.host, C.CString(C.SLUICE_IF_HTTP))
	e.record("host.find", right(found == unsafe.Pointer(e.http)))
	e.callBytes()
	e.callLogAndMetrics()
	e.callHealth()
	e.callExec()
	e.callRouting()
	e.callClient()
	e.look()
}

func main() {}
