"""The built binary as a process: configured, started, watched and stopped."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import subprocess

from .waiting import eventually, free_port

ROOT = pathlib.Path(__file__).resolve().parents[3]
RELEASE = pathlib.Path(os.environ.get("SLUICE_RELEASE", ROOT / ".build" / "release"))
BINARY = RELEASE / "sluice"
STOP_SECONDS = 20.0
COMMAND_SECONDS = 30.0


def command(*arguments, cwd=ROOT):
    """Runs the binary to its end; answers code, stdout and stderr."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
        timeout=COMMAND_SECONDS, check=False)


class Host:
    """One running host with its own folder, admin port and configuration."""

    def __init__(self, folder, plugins=(), listeners=(), extra="", environment=None,
                 prefix=(), descriptors=None, workers=1):
        self.folder = folder
        self.admin_port = free_port()
        self.config = folder / "sluice.yaml"
        self.log_path = folder / "log.txt"
        self.environment = dict(os.environ, **(environment or {}))
        self.config.write_text(configuration(self.admin_port, plugins, listeners, extra, workers))
        self.prefix = prefix
        self.descriptors = descriptors
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, str(BINARY), "run", "--config", str(self.config)], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=self.environment,
                preexec_fn=self._limit_descriptors if self.descriptors else None)
        return self

    def _limit_descriptors(self):
        """Sets the hard limit too, since the host raises the soft one to it."""
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def wait_ready(self):
        eventually(self._is_ready, "the host answers /readyz with 200")
        return self

    def _is_ready(self):
        assert self.is_alive(), f"the host ended by itself: {self.log}"
        return self.admin("/readyz")[0] == 200

    def is_alive(self):
        return self.process.poll() is None

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def admin(self, path, host=None, headers=None):
        """GET on the admin listener: status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            all_headers = dict(headers or {}, **({"Host": host} if host else {}))
            connection.request("GET", path, headers=all_headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def admin_json(self, path):
        status, text = self.admin(path)
        assert status == 200, f"{path} answers {status}: {text}"
        return json.loads(text)

    def metrics(self):
        """Sums of all samples by metric name."""
        sums = {}
        for line in self.admin("/metrics")[1].splitlines():
            sample = re.match(r"([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)$", line)
            if sample:
                sums[sample[1]] = sums.get(sample[1], 0.0) + float(sample[2])
        return sums

    def metric(self, name, **labels):
        """The sum of the samples of one metric that have these labels."""
        total = 0.0
        for line in self.admin("/metrics")[1].splitlines():
            sample = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", line)
            if not sample or sample[1] != name:
                continue
            found = dict(re.findall(r'(\w+)="([^"]*)"', sample[2] or ""))
            if all(found.get(key) == value for key, value in labels.items()):
                total += float(sample[3])
        return total

    def processor_seconds(self):
        """Processor time that the process has used so far, in user mode and in the kernel."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def generation(self):
        """The generation that /config says is installed."""
        return self.admin_json("/config")["generation"]

    def resident_kilobytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])

    def signal(self, number):
        self.process.send_signal(number)

    @contextlib.contextmanager
    def paused(self):
        """Every thread stands still meanwhile: what happens is met in one turn, in this order."""
        self.signal(signal.SIGSTOP)
        try:
            eventually(lambda: self._thread_states() == {"T"}, "all threads stand still")
            yield
        finally:
            self.signal(signal.SIGCONT)

    def _thread_states(self):
        files = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return {file.read_text().rsplit(")", 1)[1].split()[0] for file in files}

    def wait(self, seconds=STOP_SECONDS):
        return self.process.wait(seconds)

    def stop(self):
        """Ends the host as an operator would and checks that it ends well."""
        if self.process is None:
            return
        if self.is_alive():
            self.signal(signal.SIGTERM)
        try:
            code = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end {STOP_SECONDS} s after SIGTERM: {self.log}") from None
        assert code == 0, f"exit code {code}: {self.log}"

    def kill(self):
        if self.process is not None and self.is_alive():
            self.process.kill()
            self.process.wait()


def configuration(admin_port, plugins=(), listeners=(), extra="", workers=1):
    """The text of a host configuration; plugins and listeners are YAML flow texts.

    Tests that end a host do not wait for clients to hear of it, unless they name `drainNotice`.
    """
    text = f"""apiVersion: sluice.dev/v1
kind: HostConfig
workers: {workers}
stateDir: state
admin: {{address: "127.0.0.1:{admin_port}"}}
"""
    if "drainNotice" not in extra:
        quick = "limits: {drainNotice: 0s"
        has_limits = "limits: {" in extra
        extra = extra.replace("limits: {", quick + ", ") if has_limits else extra + quick + "}\n"
    if listeners:
        text += "listeners:\n" + "".join(f"- {line}\n" for line in listeners)
    if plugins:
        text += "plugins:\n" + "".join(f"- {line}\n" for line in plugins)
    return text + extra


FILE_SOURCE = "{name: routes, library: file-source, config: {paths: [routes]}}"
ECHO = '{name: echo, library: echo, expose: {namespaces: ["*"]}}'
