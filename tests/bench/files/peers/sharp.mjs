// npm's sharp as a peer of our thumbnails:
//
//   node sharp.mjs photograph FILE           writes a JPEG of 2000 x 1333 with the grain that photographs have
//   node sharp.mjs thumbnails FILE COUNT     makes as many thumbnails of it as the product makes them, by one thread, and
//                                            prints the milliseconds of CPU for each
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const sharp = createRequire(`${process.env.SHARP_MODULES}/`)('sharp');
const [what, file, count] = process.argv.slice(2);
sharp.concurrency(1);
sharp.cache(false);

if (what === 'photograph') {
  const [width, height] = [2000, 1333];
  const pixels = Buffer.alloc(width * height * 3);
  let seed = 1;
  const grain = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return ((seed >>> 24) - 128) / 10;
  };
  for (let y = 0, i = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const light = 60 * Math.sin(x / 40) * Math.cos(y / 30) + 30 * Math.sin((x * y) / 9000) + grain();
      for (const colour of [(x * 255) / width, (y * 255) / height, 128]) {
        pixels[i++] = Math.min(255, Math.max(0, colour + light));
      }
    }
  }
  writeFileSync(file, await sharp(pixels, {raw: {width, height, channels: 3}}).jpeg({quality: 92}).toBuffer());
} else {
  const picture = readFileSync(file);
  const thumbnail = () => sharp(picture).rotate().resize(320, 320, {fit: 'inside', withoutEnlargement: true})
    .webp({quality: 80}).toBuffer();
  for (let i = 0; i < 10; ++i) await thumbnail();
  const before = process.cpuUsage();
  for (let i = 0; i < Number(count); ++i) await thumbnail();
  const {user, system} = process.cpuUsage(before);
  console.log((user + system) / 1000 / Number(count));
}
