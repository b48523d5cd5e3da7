import { chromium } from 'playwright-core';
const [base, user, out, w='1366', h='900', ...hash] = process.argv.slice(2);
const b = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync','--ignore-certificate-errors'] });
const p = await b.newPage({ viewport:{width:+w,height:+h}, ignoreHTTPSErrors:true, locale: user.includes('2')?'nn-NO':'nb-NO' });
await p.goto(base); await p.fill('#user',user); await p.fill('#password','varde demo 2026'); await p.click('button[type=submit]');
await p.waitForSelector('footer .count',{timeout:15000}).catch(()=>{}); await p.waitForTimeout(1200);
await p.screenshot({path:`${out}.png`});
for (const x of hash) { await p.goto(`${base}/#/${x}`); await p.waitForTimeout(900); await p.screenshot({path:`${out}-${x.replace(/\W/g,'_')}.png`}); }
await b.close();
