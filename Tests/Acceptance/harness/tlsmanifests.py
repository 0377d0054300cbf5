"""Gateway API manifests about TLS, beside those of manifests.py."""

import json


def _object(kind, name, namespace, version="v1", created=None, **rest):
    metadata = {"name": name, "namespace": namespace}
    if created:
        metadata["creationTimestamp"] = created
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **rest}) + "\n"


def secret(name, pair, namespace="default"):
    """A Secret of type kubernetes.io/tls."""
    data = {"tls.crt": pair.certificate, "tls.key": pair.key}
    return _object("Secret", name, namespace, type="kubernetes.io/tls", stringData=data)


def config_map(name, authority, namespace="default"):
    """A ConfigMap with the certificate of an authority."""
    return _object("ConfigMap", name, namespace, data={"ca.crt": authority.certificate})


def grant(namespace, names=(), kind="Secret", granted_from="default"):
    """A ReferenceGrant for the Gateways of a namespace: to these objects, or to all of the kind."""
    to = [{"group": "", "kind": kind, "name": name} for name in names]
    origin = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": granted_from}
    return _object(
        "ReferenceGrant", "grant", namespace, "gateway.networking.k8s.io/v1beta1",
        spec={"from": [origin], "to": to or [{"group": "", "kind": kind}]})


def https_gateway(listeners, tls=None, name="web", namespace="default"):
    """A Gateway; listeners are dicts, `tls` is the one of the Gateway."""
    spec = {"gatewayClassName": "sluice", "listeners": listeners, **({"tls": tls} if tls else {})}
    return _object("Gateway", name, namespace, "gateway.networking.k8s.io/v1", spec=spec)


def https_listener(name, port, *secrets, hostname=None, **tls):
    """An HTTPS listener; a secret is a name, or a whole reference as a dict."""
    references = [{"name": one} if isinstance(one, str) else one for one in secrets]
    host = {"hostname": hostname} if hostname else {}
    return {"name": name, "port": port, "protocol": "HTTPS", **host,
            "tls": {"certificateRefs": references, **tls}}


def http_listener(name, port):
    return {"name": name, "port": port, "protocol": "HTTP"}


def config_map_reference(name, namespace=None):
    """A reference to the certificates of an authority."""
    there = {"namespace": namespace} if namespace else {}
    return {"group": "", "kind": "ConfigMap", "name": name, **there}


def validation(*references, mode=None):
    """How clients are checked, as spec.tls.frontend has it."""
    how = {"mode": mode} if mode else {}
    return {"validation": {"caCertificateRefs": list(references), **how}}


def policy(name, service, hostname, references=None, section=None, created=None, **rest):
    """A BackendTLSPolicy; without references it trusts the system's authorities."""
    target = {"group": "", "kind": "Service", "name": service,
              **({"sectionName": section} if section else {})}
    trusted = ({"wellKnownCACertificates": "System"} if references is None
               else {"caCertificateRefs": references})
    return _object(
        "BackendTLSPolicy", name, "default", "gateway.networking.k8s.io/v1", created,
        spec={"targetRefs": [target], "validation": {"hostname": hostname, **trusted, **rest}})
