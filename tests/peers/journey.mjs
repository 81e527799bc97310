// The coaching journey, whatever the person sits at. A person has
//   says(text)              writes
//   hears(words)            waits for what the bot says with these words since the person last spoke; gives it
//   presses(message, label) presses a button
//   seesPictures            false: their Telegram has no sendPhoto
// Each step is reported as a line "ok ..." or "not ok ...".

const ANSWERS = [
  'I prefer routine and do everything the usual way. New ideas bore me.',
  'I often worry about work and money, and I feel nervous before every meeting.',
  'Lately I love to paint and imagine new worlds; I am curious and creative.',
  'I help my neighbours and listen to my family; I am grateful for their love and trust.',
  'I feel calm and hopeful. I explore ideas, learn languages and dream of travelling.',
];
export const PATIENCE_MS = 60_000;

// Runs the steps in order; after one that failed the others are not tried, and count as failed.
export async function report(name, steps) {
  let failure = null;
  for (const [what, step] of steps) {
    if (!failure) {
      try {
        await step();
        console.log(`ok ${name}: ${what}`);
        continue;
      } catch (error) {
        failure = error;
        console.error(`${name}: ${what}: ${error.stack}`);
      }
    }
    console.log(`not ok ${name}: ${what}`);
  }
  return failure === null;
}

export function journeyOf(person) {
  let consent;
  const steps = [
    ['the bot asks for consent', async () => {
      await person.says('/start');
      consent = await person.hears('Welcome to Selfology');
    }],
    ['the button takes consent', async () => {
      await person.presses(consent, 'I agree');
      await person.hears('Question 1 of 10');
    }],
    ['a letter is too short an answer', async () => {
      await person.says('x');
      await person.hears('a little short');
    }],
  ];
  for (const [index, answer] of ANSWERS.entries()) {
    steps.push([`answer ${index + 1} gets feedback and another question`, async () => {
      await person.says(answer);
      await person.hears('✨');
      await person.hears(`Question ${index + 2} of 10`);
    }]);
  }
  return [
    ...steps,
    ['the session is finished', async () => {
      await person.says('/finish');
      await person.hears('we stop here');
    }],
    ['the coach answers', async () => {
      await person.says('I want to paint again, but I never find the time.');
      await person.hears('');
    }],
    ...(person.seesPictures === false ? [] : [['the profile is shown', async () => {
      await person.says('/profile');
      await person.hears('Your profile so far');
    }]]),
  ];
}
