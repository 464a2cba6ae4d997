"""python -m v3_roadmap.cluster.certificates DIR n1 n2 ...: an authority and a certificate for each node, good for a week."""

import argparse
import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 7


def main() -> None:
    """Reads the command line and writes the files."""
    parser = argparse.ArgumentParser(
        prog="certificates", description="Writes ca.pem, and ID.pem and ID.key of each node."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("ids", nargs="+")
    options = parser.parse_args()
    write_certificates(options.folder, options.ids)


def write_certificates(folder: Path, ids: list[str]) -> None:
    """A new authority, whose key is kept beside it for nodes that come later, unless there is one already."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "ca.key").exists():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder / "ca", key, _signed("authority", key, "authority", key, is_authority=True))
    authority = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)  # noqa: S101 - it was written as one above
    for node in ids:
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder / node, key, _signed(node, key, "authority", authority, is_authority=False))


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
    )
    if is_authority:
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        return builder.add_extension(usage, critical=True).sign(signer, hashes.SHA256())
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        builder.add_extension(both, critical=False).add_extension(names, critical=False).sign(signer, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _write(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secret = path.with_suffix(".key")
    secret.touch(mode=0o600)
    secret.write_bytes(private)
    path.with_suffix(".pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


if __name__ == "__main__":
    main()
