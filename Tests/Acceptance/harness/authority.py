"""Certificate authorities that live as long as a test, and what they issue."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

RSA_BITS = 2048
DAY = datetime.timedelta(days=1)


class Pair:
    """A certificate with its key, as PEM texts and as files."""

    def __init__(self, certificate, key, folder, stem):
        self.serial = certificate.serial_number
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode()
        self.certificate_file = folder / f"{stem}.crt"
        self.key_file = folder / f"{stem}.key"
        self.certificate_file.write_text(self.certificate)
        self.key_file.write_text(self.key)


class Authority:
    """Signs what a test needs; the files of its pairs are in `folder`."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.name = _name(name)
        self.key = _key("ecdsa")
        self.issued = 0
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False)
        certificate = _builder(self.name, self.name, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(
                usage, critical=True).sign(self.key, hashes.SHA256())
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.file = folder / f"{name}.crt"
        self.file.write_text(self.certificate)

    def issue(self, *names, key="ecdsa", begin=-1, end=30, common_name=None, key_from=None):
        """A certificate for DNS names, addresses and URIs, valid from and to these days from now.

        `key_from` is the pair whose key it is to have.
        """
        private = _key(key) if key_from is None else serialization.load_pem_private_key(
            key_from.key.encode(), None)
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(
            _name(common_name or "leaf"), self.name, private.public_key(), begin, end)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        self.issued += 1
        stem = f"{self.file.stem}-{self.issued}"
        return Pair(builder.sign(self.key, hashes.SHA256()), private, self.folder, stem)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name):
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key(kind):
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def _builder(subject, issuer, key, begin=-1, end=30):
    now = datetime.datetime.now(datetime.timezone.utc)
    return x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(
        key).serial_number(x509.random_serial_number()).not_valid_before(
            now + begin * DAY).not_valid_after(now + end * DAY)
