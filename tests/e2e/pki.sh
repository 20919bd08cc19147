#!/bin/sh
# A throw-away PKI for tests: pki.sh DIR. Nothing here is ever to be trusted by anything but a test.
# pki.sh DIR NAME SECONDS adds a client certificate that expires so soon.
set -eu

[ $# -eq 1 ] || [ $# -eq 3 ] || { echo "usage: pki.sh DIR [NAME SECONDS]" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
umask 077

make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# make_ca NAME COMMON_NAME
make_ca() {
  make_key "$1"
  openssl req -x509 -new -key "$1.key" -sha256 -days 100 -subj "/CN=$2" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# The state of `openssl ca`, the only command of OpenSSL 3.0 that takes a validity in the past. It wants its working
# files in absolute order, so each certificate authority has a folder of its own.
make_ca_state() {
  mkdir -p "$1.state"
  : > "$1.state/index.txt"
  cat > "$1.state/ca.cnf" <<CONFIG
[ca]
default_ca = authority
[authority]
database = $1.state/index.txt
new_certs_dir = $1.state
rand_serial = yes
unique_subject = no
default_md = sha256
certificate = $1.crt
private_key = $1.key
policy = anything
[anything]
commonName = supplied
CONFIG
}

# issue CA NAME COMMON_NAME USAGE SAN(or -) FROM TO
issue() {
  make_key "$2"
  openssl req -new -key "$2.key" -sha256 -subj "/CN=$3" -out "$2.csr"
  {
    echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$4"
    [ "$5" = - ] || echo "subjectAltName=$5"
  } > "$2.ext"
  openssl ca -batch -notext -config "$1.state/ca.cnf" -in "$2.csr" -extfile "$2.ext" -startdate "$6" -enddate "$7" \
    -out "$2.crt" 2> "$2.log" || { cat "$2.log" >&2; exit 1; }
  rm -f "$2.csr" "$2.ext" "$2.log"
}

# A day back, because the clocks of a container and its host may differ.
from=$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)

if [ $# -eq 3 ]; then
  make_ca_state ca
  issue ca "$2" gateway-test clientAuth - "$from" "$(date -u -d "+$3 seconds" +%Y%m%d%H%M%SZ)"
  rm -rf ca.state
  exit
fi

make_ca ca "Kakehashi test CA"
make_ca other-ca "Another test CA"
make_ca_state ca
make_ca_state other-ca

# Further off than the gateway's warning before an expiry.
to=$(date -u -d '+90 days' +%Y%m%d%H%M%SZ)
past_from=20200101000000Z
past_to=20200201000000Z
names=DNS:platform.example,DNS:localhost,IP:127.0.0.1

tomorrow=$(date -u -d '+2 days' +%Y%m%d%H%M%SZ)

issue ca server platform.example serverAuth "$names" "$from" "$to"
issue ca server-wrong-name other.example serverAuth DNS:other.example "$from" "$to"
issue ca server-expired platform.example serverAuth "$names" "$past_from" "$past_to"
issue ca client gateway-test clientAuth - "$from" "$to"
issue ca client-expired gateway-test clientAuth - "$past_from" "$past_to"
issue ca server-not-yet platform.example serverAuth "$names" "$tomorrow" "$to"
issue other-ca server-other-ca platform.example serverAuth "$names" "$from" "$to"
issue ca server-revoked platform.example serverAuth "$names" "$from" "$to"
issue ca client-not-yet gateway-test clientAuth - "$tomorrow" "$to"
issue ca client-renewed gateway-renewed clientAuth - "$from" "$to"
issue ca client-wrong-name another-gateway clientAuth - "$from" "$to"
issue ca client-revoked gateway-test clientAuth - "$from" "$to"

# What the CA revoked: nothing yet, two of them, and nothing in a list that is out of date.
make_crl() { openssl ca -batch -config ca.state/ca.cnf -gencrl -out "$@" 2> crl.log || { cat crl.log >&2; exit 1; }; }
make_crl ca.crl -crldays 90
make_crl ca-outdated.crl -crl_lastupdate "$past_from" -crl_nextupdate "$past_to"
for name in server-revoked client-revoked; do openssl ca -batch -config ca.state/ca.cnf -revoke $name.crt 2> crl.log; done
make_crl ca-revoking.crl -crldays 90
# Last of all: whoever finds it finds everything.
issue other-ca client-other-ca gateway-test clientAuth - "$from" "$to"
rm -rf crl.log ca.state other-ca.state
