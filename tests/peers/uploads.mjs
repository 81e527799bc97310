// Files beside programs that others wrote: npm's tus-js-client uploads through a connection that is cut, sharp reads the
// pictures that we make and makes the same itself, and where it runs, clamd refuses the EICAR test file.
//
//   node tests/peers/uploads.mjs REST_BASE FILES_BASE [scanned]
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {createServer, connect} from 'node:net';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {deflateSync} from 'node:zlib';
import {report} from './journey.mjs';

const [rest, files, scanned] = process.argv.slice(2);
const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const tus = require('tus-js-client');
const sharp = require('sharp');
const user = 650_000_000 + Number.parseInt(randomBytes(3).toString('hex'), 16);
const MIB = 1 << 20;

async function call(method, path, body) {
  const response = await fetch(rest + path + (method === 'POST' ? '' : `?user_id=${user}`), {
    method,
    headers: {'Content-Type': 'application/json'},
    body: method === 'POST' ? JSON.stringify({user_id: user, ...body}) : undefined,
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`), {answer});
  return answer;
}
async function until(what, look) {
  for (const end = Date.now() + 60_000; ;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} never came`);
    await pause(100);
  }
}
// A link leads to the store itself where that is S3.
async function download(id, variant = '') {
  const {url} = await call('POST', `/api/files/${id}/links`, {file_id: id, variant});
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return Buffer.from(await response.arrayBuffer());
}
const ready = (id) => until(`the file ${id}`, async () => {
  const {file} = await call('GET', `/api/files/${id}`);
  return /ready$/i.test(file.state) && file;
});
const store = async (name, content) => (await call('POST', '/api/files/upload', {
  name, content: content.toString('base64'), idempotency_key: randomBytes(8).toString('hex')})).file;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Between the client and the files: ends connections after so many bytes, as often as it is told to.
const cuts = {left: 0, after: 0, done: 0};
const target = new URL(files);
const wire = createServer((client) => {
  const upstream = connect(Number(target.port), target.hostname);
  let passed = 0;
  for (const socket of [client, upstream]) socket.on('error', () => {});
  client.on('data', (bytes) => {
    passed += bytes.length;
    if (cuts.left > 0 && passed > cuts.after) {
      --cuts.left;
      ++cuts.done;
      client.destroy();
      upstream.destroy();
      return;
    }
    upstream.write(bytes);
  });
  client.on('close', () => upstream.end());
  upstream.pipe(client);
});
await new Promise((done) => wire.listen(0, '127.0.0.1', done));
const wired = `http://127.0.0.1:${wire.address().port}/files/`;

function upload(content, options) {
  return new Promise((done, failed) => {
    const one = new tus.Upload(content, {
      endpoint: wired, chunkSize: 4 * MIB, retryDelays: [50, 100, 200, 400], headers: {'X-User-Id': String(user)},
      metadata: {filename: 'a holiday.bin'}, onError: failed, onSuccess: () => done(one), ...options,
    });
    options?.begin?.(one);
    one.start();
  });
}
const idOf = (one) => one.url.split('/').at(-1);

const big = randomBytes(18 * MIB + 12345);
let photo;
async function photograph() {
  const [width, height] = [2000, 1333];
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, i = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      pixels[i++] = (x * 255) / width;
      pixels[i++] = (y * 255) / height;
      pixels[i++] = 128 + 100 * Math.sin(x / 40) * Math.cos(y / 30);
    }
  }
  return sharp(pixels, {raw: {width, height, channels: 3}}).jpeg({quality: 92})
    .withMetadata({orientation: 6}).withExifMerge({IFD0: {Make: 'Camera'}, IFD3: {GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1'}}).toBuffer();
}

// libvips may write a block of its own, with the size alone; no camera, no directory of the place (tag 0x8825).
async function tellsNothing(picture) {
  const {exif = Buffer.alloc(0), orientation = 1} = await sharp(picture).metadata();
  assert.ok(!exif.includes('Camera') && !exif.includes(Buffer.from([0x25, 0x88])) && orientation === 1, exif.toString('latin1'));
}

// Of the brightness of two pictures of one size, in blocks of 8 x 8 (Wang et al., 2004): 1 is the same.
async function ssim(one, other) {
  const [a, b] = await Promise.all([one, other].map((bytes) => sharp(bytes).removeAlpha().greyscale().raw().toBuffer({resolveWithObject: true})));
  assert.deepEqual([a.info.width, a.info.height], [b.info.width, b.info.height]);
  const {width, height} = a.info;
  let sum = 0, blocks = 0;
  for (let y = 0; y + 8 <= height; y += 8) {
    for (let x = 0; x + 8 <= width; x += 8) {
      let ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
      for (let j = 0; j < 8; ++j) {
        for (let i = 0; i < 8; ++i) {
          const at = (y + j) * width + x + i;
          const [p, q] = [a.data[at], b.data[at]];
          ma += p; mb += q; aa += p * p; bb += q * q; ab += p * q;
        }
      }
      ma /= 64; mb /= 64;
      const [va, vb, vab] = [aa / 64 - ma * ma, bb / 64 - mb * mb, ab / 64 - ma * mb];
      sum += ((2 * ma * mb + 6.5) * (2 * vab + 58.5)) / ((ma * ma + mb * mb + 6.5) * (va + vb + 58.5));
      ++blocks;
    }
  }
  return sum / blocks;
}

function hugePng() {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    let crc = ~0;
    for (const byte of body) for (let k = 0, c = (crc ^= byte); k < 8; ++k) crc = c = (crc & 1 ? (crc >>> 1) ^ 0xEDB88320 : crc >>> 1);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(~crc >>> 0, 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0xFA, 0, 0, 0, 0xFA, 0, 8, 2, 0, 0, 0]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1A\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(40))), chunk('IEND', Buffer.alloc(0))]);
}

const steps = [
  ['tus-js-client uploads through a line that is cut twice', async () => {
    Object.assign(cuts, {left: 2, after: 6 * MIB});
    const one = await upload(big);
    assert.equal(cuts.done, 2);
    const file = await ready(idOf(one));
    assert.equal(Number(file.size_bytes), big.length);
    assert.equal(file.name, 'a holiday.bin');
    assert.equal(sha256(await download(file.file_id)), sha256(big));
  }],
  ['it goes on with an upload that its program had given up', async () => {
    let left;
    await new Promise((done, failed) => {
      upload(big.subarray(1), {
        begin: (one) => { left = one; },
        onChunkComplete: (size, sent) => { if (sent >= 8 * MIB) left.abort().then(done, failed); },
      }).catch(failed);
    });
    const from = [];
    const one = await upload(big.subarray(1), {uploadUrl: left.url, onProgress: (sent) => from.push(sent)});
    assert.equal(idOf(one), idOf(left));
    assert.ok(Math.min(...from) >= 8 * MIB, `it began at ${from[0]}`);
    assert.equal(sha256(await download((await ready(idOf(one))).file_id)), sha256(big.subarray(1)));
  }],
  ['several parts at once become one file', async () => {
    const one = await upload(big, {parallelUploads: 3});
    const file = await ready(idOf(one));
    assert.equal(Number(file.size_bytes), big.length);
    assert.equal(sha256(await download(file.file_id)), sha256(big));
  }],
  ['a thumbnail is as sharp makes it, upright and without its place', async () => {
    photo = await photograph();
    const before = await sharp(photo).metadata();
    assert.equal(before.orientation, 6);
    assert.ok(before.exif.includes('Camera'));
    const file = await ready((await store('photo.jpg', photo)).file_id);
    assert.deepEqual([Number(file.width), Number(file.height)], [1333, 2000]);
    const ours = await download(file.file_id, 'thumbnail');
    const {width, height, icc, xmp, format} = await sharp(ours).metadata();
    assert.equal(format, 'webp');
    assert.deepEqual([icc, xmp], [undefined, undefined]);
    await tellsNothing(ours);
    const theirs = await sharp(photo).rotate().resize(width, height, {fit: 'inside'}).webp({quality: 80}).toBuffer();
    const alike = await ssim(ours, theirs);
    console.error(`thumbnail of ${width} x ${height}: ${ours.length} bytes, sharp's ${theirs.length}; SSIM ${alike.toFixed(4)}`);
    assert.ok(alike > 0.97, `SSIM ${alike}`);
  }],
  ['so are pictures of asked sizes and formats', async () => {
    const file = await store('photo.jpg', photo);
    for (const [format, width, height, fit] of [['jpeg', 800, 800, 'inside'], ['png', 300, 200, 'cover'], ['webp', 640, 0, 'inside']]) {
      const {variant} = await call('POST', '/api/files/process', {
        file_id: file.file_id, format: `PICTURE_FORMAT_${format.toUpperCase()}`, width, height, fit: fit === 'cover' ? 'FIT_COVER' : 'FIT_INSIDE', quality: 85});
      const ours = await download(file.file_id, variant.variant);
      const made = await sharp(ours).metadata();
      assert.equal(made.format, format);
      const theirs = await sharp(photo).rotate().resize(width, height || null, {fit}).toFormat(format, format === 'png' ? {} : {quality: 85}).toBuffer();
      const alike = await ssim(ours, theirs);
      console.error(`${format} ${made.width} x ${made.height}: SSIM ${alike.toFixed(4)}`);
      assert.ok(alike > 0.97, `${format}: SSIM ${alike}`);
      await tellsNothing(ours);
    }
  }],
  ['hostile files are refused with the reason', async () => {
    const gif = Buffer.concat([Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF', 'latin1'),
      ...Array(10_000).fill(Buffer.from('\x21\xF9\x04\0\x0A\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1')), Buffer.from(';')]);
    const small = await sharp({create: {width: 64, height: 64, channels: 3, background: 'teal'}}).png().toBuffer();
    const jpeg = await sharp({create: {width: 400, height: 400, channels: 3, background: 'teal', noise: {type: 'gaussian', mean: 128, sigma: 30}}}).jpeg().toBuffer();
    const zip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
    const hostile = [
      ['a PNG of 64000 x 64000', hugePng(), /64000 x 64000/],
      ['a GIF of 10000 frames', gif, /frames, more than 1000/],
      ['an SVG with entities', Buffer.from('<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>'), /SVG/],
      ['an SVG that fetches', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'), /SVG/],
      ['a PNG that is a ZIP archive', Buffer.concat([small, zip]), /ZIP/],
      ['a PNG with a script', Buffer.concat([small, Buffer.from('<script>alert(1)</script>')]), /code/],
      ['a JPEG that is a PDF document', Buffer.concat([jpeg.subarray(0, 20), Buffer.from('%PDF-1.7'), jpeg.subarray(20)]), /PDF/],
      ['a JPEG that ends early', jpeg.subarray(0, 900), /damaged/],
      ['a PNG whose pixels are missing', Buffer.concat([small.subarray(0, 50)]), /damaged/],
      ['a PNG that lies about its size', Buffer.concat([hugePng().subarray(0, 16), Buffer.from([0, 0, 15, 160, 0, 0, 15, 160]), hugePng().subarray(24)]), /damaged/],
      ['a WebP of nonsense', Buffer.concat([Buffer.from('RIFF\xFF\xFF\xFF\x7FWEBPVP8 ', 'latin1'), randomBytes(200)]), /damaged|no picture/],
      ['a GIF of 65535 x 65535', Buffer.from('GIF89a\xFF\xFF\xFF\xFF\x80\0\0\0\0\0\xFF\xFF\xFF\x2C\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\x02\x44\x01\0;', 'latin1'), /65535 x 65535|damaged/],
    ];
    for (const [what, bytes, reason] of hostile) {
      const began = Date.now();
      const refusal = await upload(bytes, {retryDelays: null}).then(() => null, (error) => error.originalResponse);
      assert.ok(refusal, `${what} was taken`);
      assert.equal(refusal.getStatus(), 422, `${what}: ${refusal.getBody()}`);
      assert.match(refusal.getBody(), reason, `${what}: ${refusal.getBody()}`);
      assert.ok(Date.now() - began < 4000, `${what} took ${Date.now() - began} ms`);
    }
  }],
  ['a person sees what they keep, and how much', async () => {
    const {files: listed} = await call('GET', '/api/files/user-media');
    const usage = await call('GET', '/api/files/usage');
    assert.ok(listed.length >= 5);
    assert.ok(Number(usage.used_bytes) > 2 * big.length, JSON.stringify(usage));
  }],
];
if (scanned) {
  steps.push(['clamd refuses the EICAR test file, and takes others', async () => {
    const eicar = Buffer.from(String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!` + '$H+H*');
    const refusal = await upload(eicar, {retryDelays: null}).then(() => null, (error) => error.originalResponse);
    assert.equal(refusal?.getStatus(), 422);
    const {files: listed} = await call('GET', '/api/files');
    const [rejected] = listed;
    assert.match(JSON.stringify(rejected), /infected/i);
    assert.match(rejected.state, /rejected$/i);
    assert.match((await store('clean.txt', Buffer.from('clean'))).verdict, /clean$/i);
  }]);
}
steps.push(['erased with its person, and provably gone', async () => {
  const {files: before} = await call('GET', '/api/files');
  const {url} = await call('POST', `/api/files/${before.find(({state}) => /ready$/i.test(state)).file_id}/links`, {
    file_id: before.find(({state}) => /ready$/i.test(state)).file_id});
  await call('DELETE', '/api/files/cleanup-user');
  assert.deepEqual((await call('GET', '/api/files')).files ?? [], []);
  assert.notEqual((await fetch(url)).status, 200, 'a link outlived its person');
  const proof = await until('the proof', async () => {
    const answer = await (await fetch(`${rest}/api/v1/mesh/file-erasures`)).json();
    return answer.erasures?.length > 0 && answer;
  });
  const [newest] = proof.erasures;
  assert.ok(Number(newest.objects) >= 5, JSON.stringify(newest));
  assert.ok(newest.sha256.includes(sha256(big)) || newest.sha256.length >= 5, 'the proof names what was removed');
  await until('the objects to go', async () => {
    const {erasures} = await (await fetch(`${rest}/api/v1/mesh/file-erasures`)).json();
    return Number(erasures[0].still_there ?? 0) === 0;
  });
}]);

const passed = await report('uploads', steps);
wire.close();
process.exit(passed ? 0 : 1);
